// The request log of one app: loads and refreshes it, and shows errors.

import { byId } from "/js/element.js";
import {
    attemptList, details, exchange, isLoaded, loadingBodies, redeliveryList, showState,
} from "/js/log-details.js";
import { LogFilters } from "/js/log-filters.js";
import { noFilters, readDetails, readPage } from "/js/log-source.js";
import { LogStatus } from "/js/log-status.js";
import { LogTable } from "/js/log-table.js";
import { Notice, showFailure } from "/js/notice.js";
import { redeliver } from "/js/redeliver.js";
import { Refresher } from "/js/refresher.js";

export class LogView {
    // stateChanged: called with the filters, and whether to add an entry to the browser's history.
    constructor(slug, filters, stateChanged) {
        this.slug = slug;
        this.filters = filters;
        this.stateChanged = stateChanged;
        this.next = null;
        // The API data of the first page as it was last shown.
        this.source = null;
        this.updatedAt = null;
        this.loading = null;
        this.notice = new Notice(byId("log-notice"));
        this.table = new LogTable(byId("log-table"), (row) => this.opened(row));
        this.form = new LogFilters((values, { mustLoad }) => this.filtersChanged(values, mustLoad));
        this.status = new LogStatus(this.table, this.form);
        this.refresher = new Refresher(() => this.refresh(), (seconds, isPaused) => {
            this.status.showAge(this.updatedAt, seconds, isPaused);
        });
        byId("older").addEventListener("click", () => this.loadOlder());
        byId("pause").addEventListener("click", () => this.togglePause());
        byId("refresh").addEventListener("click", () => this.refresher.resume());
        this.form.set(filters);
        this.table.applySearch(filters.search);
    }

    // Loads the first page with the current filters and drops all rows.
    async load() {
        this.loading?.abort();
        const loading = new AbortController();
        this.loading = loading;
        this.next = null;
        this.updatedAt = null;
        this.notice.clear();
        this.form.showState();
        this.table.show([]);
        this.setState("loading");
        const { isFinal = false } = await this.loadFirst(loading.signal);
        if (!loading.signal.aborted && !isFinal) this.refresher.start();
    }

    async loadFirst(signal) {
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

    // Loads the first page again and keeps the older rows.
    async refresh() {
        if (!this.loading || this.loading.signal.aborted) return {};
        const { signal } = this.loading;
        if (this.updatedAt === null) return this.loadFirst(signal);
        try {
            const page = await readPage(this.slug, this.filters, null, signal);
            if (signal.aborted) return {};
            this.notice.clear();
            const isUnchanged = page.source === this.source;
            this.source = page.source;
            if (isUnchanged) this.accepted();
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
        // No overlap: there are more new rows than one page has, so drop the old ones.
        if (old.length > 0 && overlap === -1 && page.next !== null) {
            this.next = page.next;
            return page.rows;
        }
        // New rows shift the offsets of the older pages. Rows that are loaded twice are dropped by loadOlder().
        const last = old.findLastIndex((row) => fresh.has(row.key));
        return page.next === null ? page.rows : [...page.rows, ...old.slice(last + 1)];
    }

    async loadOlder() {
        const button = byId("older");
        button.disabled = true;
        try {
            const before = this.table.list();
            const known = new Set(before.map((row) => row.key));
            const page = await readPage(this.slug, this.filters, this.next, this.loading.signal);
            this.next = page.next;
            const added = page.rows.filter((row) => !known.has(row.key));
            this.accept([...before, ...added]);
            this.status.announce(added.length, "older request");
            if (added.length > 0) this.table.row(added[0].key).toggle.focus();
        } catch (error) {
            if (!this.loading.signal.aborted) showFailure(this.notice, error, "Older requests could not be loaded.");
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
        this.updatedAt = new Date();
        this.setState(this.table.count > 0 ? "rows" : "empty");
    }

    // Keeps loaded rows and marks them as outdated. Without rows the table stays hidden.
    failed(error) {
        const hasRows = this.updatedAt !== null;
        const title = hasRows ? "The log could not be refreshed." : "The log could not be loaded.";
        showFailure(this.notice, error, title, () => (hasRows ? this.refresher.resume() : this.load()));
        this.setState(hasRows ? "stale" : "failed");
        if (!error.isTransient) this.refresher.stop();
        return { hasFailed: true, waitSeconds: error.retryAfter ?? 0, isFinal: !error.isTransient };
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

    filtersChanged(values, mustLoad) {
        this.filters = values;
        this.stateChanged(values, mustLoad);
        this.form.showState();
        this.table.applySearch(values.search);
        if (mustLoad) this.load();
        else this.setState(this.status.state);
    }

    // Called for the browser's Back and Forward buttons.
    setFilters(filters) {
        this.form.set(filters);
        this.filters = filters;
        this.table.applySearch(filters.search);
        this.load();
    }

    async opened(logRow) {
        logRow.panel.replaceChildren(details(logRow, {
            redeliver: (row, button, status) => this.redeliver(row, button, status),
            showEvent: (id) => this.showEvent(id),
        }));
        if (isLoaded(logRow.row)) await this.loadDetails(logRow);
    }

    async loadDetails(logRow) {
        const { row } = logRow;
        const part = (name) => logRow.panel.querySelector(`.${name}`);
        const show = (...content) => part("exchange").replaceChildren(...content);
        const notice = new Notice(part("details-notice"));
        notice.clear();
        show(loadingBodies());
        try {
            const found = await readDetails(this.slug, row);
            const content = await exchange(found.shown, row);
            part("attempts").replaceChildren(
                ...attemptList(found, async (attempt) => show(...await exchange(attempt, attempt))));
            showState(part("event-state"), found.state);
            part("redeliveries").replaceChildren(...redeliveryList(found, (id) => this.showEvent(id)));
            show(...content);
        } catch (error) {
            show();
            showFailure(notice, error, "The details could not be loaded.", () => {
                // The button is removed.
                logRow.toggle.focus();
                this.loadDetails(logRow);
            });
        }
    }

    showEvent(id) {
        this.form.set({ ...this.filters, errors: false, search: id });
        this.filtersChanged(this.form.values, true);
        byId("filters").elements.search.focus();
    }

    // Searches for a request and opens its newest row.
    async reveal(id) {
        this.form.set({ ...noFilters, search: id });
        this.filters = this.form.values;
        this.stateChanged(this.filters, true);
        this.table.applySearch(id);
        await this.load();
        const found = this.table.list().find((row) => row.requestId === id);
        if (!found) {
            byId("filters").elements.search.focus();
            return;
        }
        this.table.highlight(found.key);
        this.table.row(found.key).setOpen(true);
        this.table.row(found.key).toggle.focus();
    }

    async redeliver(row, button, status) {
        button.disabled = true;
        const showStatus = (tone, text) => {
            status.className = `action-status action-${tone}`;
            status.textContent = text;
        };
        showStatus("info", "Sending…");
        const id = await redeliver(this.slug, row, showStatus, this.loading.signal);
        button.disabled = false;
        if (id === null) return;
        await this.refresher.resume();
        const sent = this.table.list().find((other) => other.requestId === id);
        if (sent) this.table.highlight(sent.key);
    }
}
