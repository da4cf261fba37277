// The request log of one app: loads and refreshes it, and shows errors.

import { byId, element, whileBusy } from "/js/element.js";
import { awaitScripts } from "/js/load-failure.js";
import { LogFilters } from "/js/log-filters.js";
import { filterParameters, noFilters, readPage } from "/js/log-source.js";
import { LogStatus } from "/js/log-status.js";
import { LogTable } from "/js/log-table.js";
import { Notice, showFailure } from "/js/notice.js";
import { Refresher } from "/js/refresher.js";

const typingMilliseconds = 400;
// A search costs the server more than a page without one.
const searchPeriodSeconds = 60;

// Names the permission that the caller lacks.
function withPermission(error) {
    if (error.kind !== "forbidden") return error;
    const rule = "The log requires org:read in the organization that owns the app, with release 26.9 org:write.";
    return { kind: error.kind, message: `${error.message} ${rule}` };
}

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
        this.partlySearched = 0;
        this.loading = null;
        this.typing = null;
        this.notice = new Notice(byId("log-notice"));
        // What was done stays until other rows are loaded.
        this.result = new Notice(byId("log-result"));
        this.table = new LogTable(byId("log-table"), (row) => this.opened(row));
        this.form = new LogFilters((values, { isTyping }) => this.filtersChanged(values, isTyping));
        this.status = new LogStatus(this.table, this.form);
        this.refresher = new Refresher(() => this.refresh(), (seconds, isPaused) => {
            this.status.showAge(this.updatedAt, seconds, isPaused);
        });
        const older = byId("older");
        older.addEventListener("click", () => whileBusy([older], () => this.loadOlder()));
        byId("pause").addEventListener("click", () => this.togglePause());
        byId("refresh").addEventListener("click", () => this.refresher.resume());
        this.form.set(filters);
    }

    // Loads the first page with the current filters and drops all rows.
    async load() {
        this.table.show([]);
        await this.loadAgain("loading");
    }

    // Loads the first page with the current filters. state: the one shown meanwhile.
    async loadAgain(state) {
        clearTimeout(this.typing);
        this.loading?.abort();
        const loading = new AbortController();
        this.loading = loading;
        this.next = null;
        this.updatedAt = null;
        this.partlySearched = 0;
        // A refresh meanwhile would load the same rows.
        this.refresher.stop();
        this.notice.clear();
        this.result.clear();
        this.form.showState();
        this.setState(state);
        const { isFinal = false } = await this.loadFirst(loading.signal);
        if (!loading.signal.aborted && !isFinal) this.refresher.start(this.schedule.nextSeconds);
    }

    async loadFirst(signal) {
        try {
            const page = await readPage(this.slug, this.filters, null, signal);
            if (signal.aborted) return {};
            this.next = page.next;
            this.source = page.source;
            this.partlySearched = page.partlySearched;
            this.notice.clear();
            this.accept(page.rows);
            if (this.filters.search) this.status.announceFound(page.rows.length, page.next !== null);
        } catch (error) {
            if (signal.aborted) return {};
            return this.failed(error);
        }
        return this.schedule;
    }

    // When to refresh after a success, see Refresher.
    get schedule() {
        return this.filters.search ? { nextSeconds: searchPeriodSeconds } : {};
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
            this.partlySearched = page.partlySearched;
            if (isUnchanged) this.accepted();
            else this.status.announce(this.accept(this.merged(page)).length, "new request");
        } catch (error) {
            if (signal.aborted) return {};
            return this.failed(error);
        }
        return this.schedule;
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
        const { next } = this;
        const { signal } = this.loading;
        try {
            const page = await readPage(this.slug, this.filters, next, signal);
            // A refresh may have replaced all rows meanwhile; these would not follow them.
            if (signal.aborted || this.next !== next) return;
            this.next = page.next;
            const before = this.table.list();
            const known = new Set(before.map((row) => row.key));
            const added = page.rows.filter((row) => !known.has(row.key));
            this.accept([...before, ...added]);
            this.status.announce(added.length, "older request");
            if (added.length > 0) this.table.row(added[0].key).toggle.focus();
        } catch (error) {
            if (!signal.aborted) showFailure(this.notice, error, "Older requests could not be loaded.");
        }
    }

    accept(rows) {
        const added = this.table.show(rows);
        this.form.offer(rows);
        this.accepted();
        return added;
    }

    accepted() {
        byId("log").classList.remove("is-forbidden");
        this.updatedAt = new Date();
        this.setState(this.table.count > 0 ? "rows" : "empty");
    }

    // Keeps loaded rows and marks them as outdated. Without rows the table stays hidden.
    failed(error) {
        const hasRows = this.updatedAt !== null;
        const title = hasRows ? "The log could not be refreshed." : "The log could not be loaded.";
        byId("log").classList.toggle("is-forbidden", error.kind === "forbidden");
        showFailure(this.notice, withPermission(error), title, () => (hasRows ? this.refresher.resume() : this.load()));
        this.setState(hasRows ? "stale" : "failed");
        if (!error.isTransient) this.refresher.stop();
        return { hasFailed: true, waitSeconds: error.retryAfter ?? 0, isFinal: !error.isTransient };
    }

    setState(state) {
        this.status.show(state, this.next !== null, this.partlySearched);
    }

    togglePause() {
        const isPaused = !this.refresher.isPaused;
        const button = byId("pause");
        button.setAttribute("aria-pressed", String(isPaused));
        this.refresher.setPaused(isPaused);
    }

    filtersChanged(values, isTyping = false) {
        this.filters = values;
        this.stateChanged(values, !isTyping);
        this.form.showState();
        clearTimeout(this.typing);
        if (!isTyping) {
            this.load();
            return;
        }
        // A refresh would mix the rows of two searches.
        this.loading?.abort();
        this.typing = setTimeout(() => this.loadAgain("searching"), typingMilliseconds);
    }

    // Called for the browser's Back and Forward buttons, also if they change something else.
    setFilters(filters) {
        const [before, after] = [this.filters, filters].map((one) => JSON.stringify(filterParameters(one)));
        this.form.set(filters);
        this.filters = filters;
        if (after !== before) this.load();
    }

    // The first view of the log needs none of the modules of an open row.
    async opened(logRow) {
        const message = element("p", { class: "message" }, "Loading…");
        const place = element("div", { role: "alert", hidden: true });
        logRow.panel.replaceChildren(message, place);
        const loaded = await awaitScripts(
            import("/js/open-row.js"), new Notice(place), "The row could not be opened.",
            (hasFailed) => { message.hidden = hasFailed; });
        if (loaded !== null) await new loaded.OpenRow(this, logRow).show();
    }

    showEvent(id) {
        this.form.set({ ...this.filters, errors: false, search: id });
        this.filtersChanged(this.form.values);
        byId("filters").elements.search.focus();
    }

    // Searches for a request and opens its newest row.
    async reveal(id) {
        this.form.set({ ...noFilters, search: id });
        this.filters = this.form.values;
        this.stateChanged(this.filters, true);
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

    // Takes the rows of an event out of the table; the focus goes to the row that takes the place of this one.
    dropEvent(row, summary) {
        const rows = this.table.list();
        const kept = rows.filter((other) => other.requestId !== row.requestId);
        const index = rows.slice(0, rows.findIndex((other) => other.key === row.key))
            .filter((other) => other.requestId !== row.requestId).length;
        // The next refresh has other rows than the last one.
        this.source = null;
        this.accept(kept);
        this.result.show("good", `The event ${row.requestId} is erased.`, summary);
        const next = kept[Math.min(index, kept.length - 1)];
        if (next) this.table.row(next.key).toggle.focus();
        else byId("filters").elements.search.focus();
    }

    // After a redelivery: loads the log and marks the new row.
    async showRedelivery(id) {
        await this.refresher.resume();
        const sent = this.table.list().find((other) => other.requestId === id);
        if (sent) this.table.highlight(sent.key);
    }
}
