// The relay of an app: when the original has last sent something, and the targets with their state.

import { appPath, get, post } from "/js/api.js";
import { confirmButton } from "/js/confirm.js";
import { badge, byId, element } from "/js/element.js";
import { Notice, showFailure } from "/js/notice.js";
import { ago, clockTime, fullTime, parseDate } from "/js/times.js";
import { visibleLine } from "/js/visible-text.js";

const labels = {
    ok: ["good", "ok"], failing: ["bad", "failing"], disabled: ["none", "disabled"],
    "breaker-open": ["warn", "breaker open"],
};

export class RelayView {
    constructor(slug) {
        this.slug = slug;
        this.section = byId("relay");
        this.notice = new Notice(byId("relay-notice"));
        this.table = byId("relay-table");
        this.section.addEventListener("toggle", () => { if (this.section.open) this.load(); });
        if (this.section.open) this.load();
    }

    async load() {
        try {
            const { data } = await get(appPath(this.slug, "targets/"));
            this.notice.clear();
            this.show(data);
        } catch (error) {
            this.section.dataset.state = "failed";
            showFailure(this.notice, error, "The targets could not be loaded.", () => this.load());
        }
    }

    show({ path, lastReceived, targets }) {
        const last = parseDate(lastReceived);
        byId("relay-received").replaceChildren(
            "Webhook URL to enter in the original: ", element("code", {}, `${window.location.origin}${path}`), ". ",
            last ? element("span", { title: fullTime(last) }, `The original has sent the last webhook ${ago(last)}.`)
                : "The original has sent nothing yet.");
        this.table.hidden = targets.length === 0;
        byId("relay-empty").hidden = targets.length > 0;
        this.table.tBodies[0].replaceChildren(...targets.map((target) => this.row(target)));
        this.section.dataset.state = "rows";
    }

    row(target) {
        return element("tr", { class: "row" },
            element("th", { scope: "row" }, visibleLine(target.name)),
            element("td", {}, state(target)),
            element("td", { class: "url", title: visibleLine(target.url) }, visibleLine(target.url)),
            element("td", { "data-label": "Gets" }, filters(target)),
            element("td", { class: "row-action" }, this.action(target)));
    }

    action({ name, isDisabled }) {
        const run = (verb, done) => this.act(name, verb, done);
        if (isDisabled) {
            return element("button", {
                type: "button", class: "needs-write", "aria-label": `Enable ${name}`,
                onclick: () => run("enable", `The target ${name} is enabled. Its dead letters can be redriven.`),
            }, "Enable");
        }
        const button = confirmButton({
            text: "Disable", name: `Disable ${name}`,
            question: () => `Send nothing more to ${name}? Its webhooks become dead letters.`,
            run: () => run("disable", `The target ${name} is disabled.`),
        });
        button.classList.add("needs-write");
        return button;
    }

    async act(name, verb, done) {
        try {
            const { data } = await post(appPath(this.slug, `targets/${encodeURIComponent(name)}/${verb}/`));
            this.show(data);
            this.notice.show("good", done);
        } catch (error) {
            if (error.mayHaveSucceeded) {
                this.notice.show("warn", "It is not known whether the change was made.", error.message,
                    [{ text: "Reload targets", run: () => this.load() }]);
            } else {
                showFailure(this.notice, error, "The change was not made.");
            }
        }
        byId("relay-title").focus();
    }
}

function state(target) {
    const [tone, text] = labels[target.status] ?? ["none", target.status];
    const disabled = parseDate(target.disabledAt);
    const failing = parseDate(target.failingSince);
    const end = parseDate(target.circuitBreakerUntil);
    const reason = {
        disabled: `Since ${disabled ? fullTime(disabled) : "an unknown time"}: its webhook ${target.disabledReason}.`,
        failing: failing ? `Every webhook has failed since ${fullTime(failing)}.` : "",
        "breaker-open": end ? `It gets no webhooks until ${clockTime(end)}.` : "",
    }[target.status] ?? "";
    return [badge(tone, text), reason ? element("p", { class: "muted" }, visibleLine(reason)) : null];
}

// What the filters let pass.
function filters({ events, conditions }) {
    const conditionTexts = Object.entries(conditions).map(([path, value]) => `${path} = ${JSON.stringify(value)}`);
    return visibleLine([events.length > 0 ? events.join(", ") : "all events", ...conditionTexts].join("; "));
}
