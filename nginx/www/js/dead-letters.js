// The dead letters of an app: what they are, and what may be done with them.

import { appPath, get, post, remove } from "/js/api.js";
import { confirmButton } from "/js/confirm.js";
import { byId, element, whileBusy } from "/js/element.js";
import { Notice, showFailure } from "/js/notice.js";
import { count, counted } from "/js/numbers.js";
import { redriveAll } from "/js/redrive.js";
import { ago, parseDate, utcText } from "/js/times.js";
import { visible, visibleLine } from "/js/visible-text.js";

const pageSize = 50;

export class DeadLetters {
    // changed: called when dead letters were put back into the queue.
    constructor(slug, changed) {
        this.slug = slug;
        this.changed = changed;
        this.total = 0;
        this.section = byId("dead-letters");
        this.table = byId("dead-letters-table");
        this.notice = new Notice(byId("dead-letters-notice"));
        this.section.addEventListener("toggle", () => { if (this.section.open) this.load(); });
        const [more, redrive] = [byId("dead-letters-more"), byId("dead-letters-redrive")];
        more.addEventListener("click", () => whileBusy([more], () => this.loadMore()));
        redrive.addEventListener("click", () => whileBusy([redrive], () => this.redrive()));
        if (this.section.open) this.load();
    }

    // Returns whether the list could be loaded.
    async load() {
        // What is shown stays until there is something else.
        if (this.section.dataset.state !== "rows") this.setState("loading");
        try {
            const { data } = await this.page();
            this.table.tBodies[0].replaceChildren();
            this.notice.clear();
            this.show(data);
            return true;
        } catch (error) {
            this.setState("failed");
            showFailure(this.notice, error, "The dead letters could not be loaded.", () => this.load());
            return false;
        }
    }

    async loadMore() {
        try {
            const { data } = await this.page(this.next);
            this.notice.clear();
            this.show(data);
        } catch (error) {
            showFailure(this.notice, error, "More dead letters could not be loaded.");
        }
    }

    page(after = null) {
        return get(appPath(this.slug, "dead-letters/"), { per_page: String(pageSize), after });
    }

    show({ count: total, deadLetters, next }) {
        this.next = next;
        this.table.tBodies[0].append(...deadLetters.flatMap((letter) => this.rows(letter)));
        this.showTotal(total);
    }

    showTotal(total) {
        this.total = total;
        byId("dead-letters-count").textContent = total === 0 ? "none" : counted(total, "event");
        this.setState(total === 0 ? "empty" : "rows");
    }

    setState(state) {
        this.section.dataset.state = state;
        byId("dead-letters-loading").hidden = state !== "loading";
        byId("dead-letters-empty").hidden = state !== "empty";
        this.table.hidden = state !== "rows";
        byId("dead-letters-actions").hidden = state !== "rows";
        byId("dead-letters-more").hidden = state !== "rows" || !this.next;
    }

    rows(letter) {
        const date = parseDate(letter.date);
        const panel = element("td", { class: "panel", colspan: "5" }, element("div", { class: "panel-body" }));
        const details = element("tr", { class: "details", hidden: true }, panel);
        const toggle = element("button", {
            type: "button", class: "row-toggle", "aria-expanded": "false",
            onclick: () => this.toggle(letter, toggle, details),
        }, element("span", { class: "chevron", "aria-hidden": "true" }), element(
            "time", { datetime: letter.date, title: date ? utcText(date) : null }, date ? ago(date) : letter.date));
        const row = element("tr", { class: "row row-bad" },
            element("th", { scope: "row", class: "time" }, toggle),
            element("td", { class: "event" }, visibleLine(letter.eventType)),
            element("td", { class: "reason" }, visibleLine(letter.reason)),
            element("td", { class: "number", "data-label": "Attempts" }, count(letter.attempts)),
            element("td", { class: "row-action" }, this.actions(letter, () => [row, details])));
        return [row, details];
    }

    // rows: a function that returns the rows of the letter.
    actions(letter, rows) {
        const path = appPath(this.slug, `dead-letters/${letter.id}/`);
        const redrive = element("button", {
            type: "button", class: "needs-write", "aria-label": `Redrive ${letter.id}`, onclick: async () => {
                const isDone = await whileBusy([redrive], () => this.act(() => post(`${path}redrive/`), rows(),
                    "The event is in the queue again.", "It was not put back into the queue."));
                if (isDone) this.changed();
            },
        }, "Redrive");
        const erase = confirmButton({
            text: "Delete", isDanger: true, name: `Delete ${letter.id}`,
            question: () => "Delete this event permanently?",
            run: () => this.act(() => remove(path), rows(), "The dead letter is deleted.", "It was not deleted."),
        });
        erase.classList.add("needs-erase");
        return [redrive, erase];
    }

    // Makes a change by which the letter of these rows is no dead letter any more; returns whether it was made.
    async act(change, rows, done, failed) {
        try {
            await change();
        } catch (error) {
            if (error.mayHaveSucceeded) {
                this.notice.show("warn", "It is not known whether the change was made.", error.message,
                    [{ text: "Reload dead letters", run: () => this.load() }]);
            } else {
                showFailure(this.notice, error, failed);
            }
            return false;
        }
        for (const row of rows) row.remove();
        this.showTotal(this.total - 1);
        this.notice.show("good", done);
        byId("dead-letters-title").focus();
        return true;
    }

    async toggle(letter, toggle, details) {
        details.hidden = !details.hidden;
        toggle.setAttribute("aria-expanded", String(!details.hidden));
        const panel = details.querySelector(".panel-body");
        if (details.hidden || panel.childElementCount > 0) return;
        panel.replaceChildren(element("p", { class: "muted" }, "Loading…"));
        try {
            const { data } = await get(appPath(this.slug, `dead-letters/${letter.id}/`));
            const text = data.event ? JSON.stringify(data.event, null, 2) : "The event cannot be read.";
            panel.replaceChildren(
                element("p", {}, "Request ID: ", element("code", {}, letter.id)),
                element("pre", { tabindex: "0", "aria-label": "Event" }, visible(text)));
        } catch (error) {
            // The next opening tries again.
            panel.replaceChildren();
            details.hidden = true;
            toggle.setAttribute("aria-expanded", "false");
            showFailure(this.notice, error, "The event could not be loaded.");
        }
    }

    async redrive() {
        const result = new Notice(byId("dead-letters-result"));
        result.clear();
        await redriveAll(this.slug, result, { text: "Redrive the others", run: () => this.redrive() });
        await this.load();
        this.changed();
    }
}
