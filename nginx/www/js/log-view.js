// The request log of one app: reads it, keeps it fresh, and says what is wrong when it cannot be read.

import { byId, element } from "/js/element.js";
import { bodies, details } from "/js/log-details.js";
import { LogFilters } from "/js/log-filters.js";
import { noFilters, readDetails, readPage } from "/js/log-source.js";
import { LogStatus } from "/js/log-status.js";
import { LogTable } from "/js/log-table.js";
import { Notice, showFailure } from "/js/notice.js";
import { hasDetails } from "/js/outcome.js";
import { redeliver } from "/js/redeliver.js";
import { Refresher } from "/js/refresher.js";

export class LogView {
    // stateChanged: called with the filters and whether that is a step of the history.
    constructor(slug, filters, stateChanged) {
        this.slug = slug;
        this.filters = filters;
        this.stateChanged = stateChanged;
        this.next = null;
        // What the newest page was made of when it was last shown.
        this.source = null;
        this.readAt = null;
        this.reading = null;
        this.notice = new Notice(byId("log-notice"));
        this.table = new LogTable(byId("log-table"), (row) => this.opened(row));
        this.form = new LogFilters((values, { isRead }) => this.filtersChanged(values, isRead));
        this.status = new LogStatus(this.table, this.form);
        this.refresher = new Refresher(() => this.refresh(), (seconds, isPaused) => {
            this.status.showAge(this.readAt, seconds, isPaused);
        });
        byId("older").addEventListener("click", () => this.readOlder());
        byId("pause").addEventListener("click", () => this.togglePause());
        byId("refresh").addEventListener("click", () => this.refresher.resume());
        this.form.set(filters);
    }

    // Reads the log from its beginning, with the filters as they are now.
    async read() {
        this.reading?.abort();
        const reading = new AbortController();
        this.reading = reading;
        this.next = null;
        this.readAt = null;
        this.notice.clear();
        this.form.showState();
        this.table.show([]);
        this.setState("loading");
        await this.readFirst(reading.signal);
        if (!reading.signal.aborted) this.refresher.start();
    }

    async readFirst(signal) {
        try {
            const page = await readPage(this.slug, this.filters, null, signal);
            this.next = page.next;
            this.source = page.source;
            this.notice.clear();
            this.accept(page.rows);
        } catch (error) {
            if (signal.aborted) return {};
            return this.failed(error);
        }
        return {};
    }

    // Reads the newest page again; what was loaded of the older ones stays.
    async refresh() {
        if (!this.reading || this.reading.signal.aborted) return {};
        const { signal } = this.reading;
        if (this.readAt === null) return this.readFirst(signal);
        try {
            const page = await readPage(this.slug, this.filters, null, signal);
            if (signal.aborted) return {};
            this.notice.clear();
            const isShown = page.source === this.source;
            this.source = page.source;
            if (isShown) this.accepted();
            else this.status.announce(this.accept(this.merged(page)).length, "new request");
        } catch (error) {
            if (signal.aborted) return {};
            return this.failed(error);
        }
        return {};
    }

    merged(page) {
        const fresh = new Set(page.rows.map((row) => row.key));
        const old = this.table.list();
        const overlap = old.findIndex((row) => fresh.has(row.key));
        // So much is new that rows are missing in between: begin again.
        if (old.length > 0 && overlap === -1 && page.next !== null) {
            this.next = page.next;
            return page.rows;
        }
        // Offsets of the pages behind have moved by what is new; rows that come twice are dropped when they come.
        const last = old.findLastIndex((row) => fresh.has(row.key));
        return page.next === null ? page.rows : [...page.rows, ...old.slice(last + 1)];
    }

    async readOlder() {
        const button = byId("older");
        button.disabled = true;
        try {
            const before = this.table.list();
            const known = new Set(before.map((row) => row.key));
            const page = await readPage(this.slug, this.filters, this.next, this.reading.signal);
            this.next = page.next;
            const added = page.rows.filter((row) => !known.has(row.key));
            this.accept([...before, ...added]);
            this.status.announce(added.length, "older request");
            if (added.length > 0) this.table.row(added[0].key).toggle.focus();
        } catch (error) {
            if (!this.reading.signal.aborted) showFailure(this.notice, error, "Older requests could not be loaded.");
        }
        button.disabled = false;
    }

    accept(rows) {
        const added = this.table.show(rows);
        this.form.offer(rows);
        this.accepted();
        return added;
    }

    accepted() {
        this.readAt = new Date();
        this.setState(this.table.count > 0 ? "rows" : "empty");
    }

    // What was read before stays, marked as old; without that, there is no table at all.
    failed(error) {
        const hasRows = this.readAt !== null;
        const title = hasRows ? "The log could not be refreshed." : "The log could not be read.";
        showFailure(this.notice, error, title, () => (hasRows ? this.refresher.resume() : this.read()));
        this.setState(hasRows ? "stale" : "failed");
        if (!error.isPassing) this.refresher.stop();
        return { hasFailed: true, waitSeconds: error.retryAfter ?? 0 };
    }

    setState(state) {
        this.status.show(state, this.next !== null);
    }

    togglePause() {
        const isPaused = !this.refresher.isPaused;
        const button = byId("pause");
        button.setAttribute("aria-pressed", String(isPaused));
        this.refresher.setPaused(isPaused);
    }

    filtersChanged(values, isRead) {
        this.filters = values;
        this.stateChanged(values, isRead);
        this.form.showState();
        this.table.applySearch(values.search);
        if (isRead) this.read();
        else this.setState(this.status.state);
    }

    // The browser went back or forward.
    setFilters(filters) {
        this.form.set(filters);
        this.filters = filters;
        this.table.applySearch(filters.search);
        this.read();
    }

    async opened(logRow) {
        logRow.panel.replaceChildren(details(logRow, {
            redeliver: (row, button, answer) => this.redeliver(row, button, answer),
            showEvent: (id) => this.showEvent(id),
        }));
        if (hasDetails(logRow.row)) await this.loadBodies(logRow);
    }

    async loadBodies(logRow) {
        const place = logRow.panel.querySelector(".bodies");
        try {
            place.replaceChildren(...bodies(await readDetails(this.slug, logRow.row)));
        } catch (error) {
            const retry = element("button", { type: "button", onclick: () => this.loadBodies(logRow) }, "Try again");
            place.replaceChildren(element("p", { class: "failed" }, `Headers and bodies could not be read. ${error.message} `),
                retry);
        }
    }

    showEvent(id) {
        this.form.set({ ...this.filters, errors: false, search: id });
        this.filtersChanged(this.form.values, true);
        byId("filters").elements.search.focus();
    }

    // Shows what became of one request, its newest row opened.
    async reveal(id) {
        this.form.set({ ...noFilters, search: id });
        this.filters = this.form.values;
        this.stateChanged(this.filters, true);
        this.table.applySearch(id);
        await this.read();
        const found = this.table.list().find((row) => row.requestId === id);
        if (!found) {
            byId("filters").elements.search.focus();
            return;
        }
        this.table.highlight(found.key);
        this.table.row(found.key).setOpen(true);
        this.table.row(found.key).toggle.focus();
    }

    async redeliver(row, button, answer) {
        button.disabled = true;
        const words = (tone, text) => {
            answer.className = `answer answer-${tone}`;
            answer.textContent = text;
        };
        words("info", "Asking…");
        const id = await redeliver(this.slug, row, words, this.reading.signal);
        button.disabled = false;
        if (id === null) return;
        await this.refresher.now();
        const sent = this.table.list().find((other) => other.requestId === id);
        if (sent) this.table.highlight(sent.key);
    }
}
