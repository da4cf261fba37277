// What is said about the log as a whole: loading, rows, stale, failed or empty; how many rows; how old they are.

import { byId } from "/js/element.js";
import { count, counted } from "/js/numbers.js";
import { clockTime } from "/js/times.js";

export class LogStatus {
    constructor(table, filters) {
        this.table = table;
        this.filters = filters;
    }

    get state() {
        return byId("log").dataset.state;
    }

    // hasMore: whether there are older requests than those that are loaded.
    show(state, hasMore) {
        const hasRows = ["rows", "stale"].includes(state);
        const shown = this.table.shownCount;
        byId("log").dataset.state = state;
        byId("log-area").setAttribute("aria-busy", String(state === "loading"));
        byId("log-table").hidden = !hasRows || shown === 0;
        if (!byId("log-table").hidden) this.table.spanPanels();
        byId("log-loading").hidden = state !== "loading";
        byId("log-empty").hidden = state !== "empty";
        byId("log-empty-filtered").hidden = this.filters.isEmpty;
        byId("log-empty-plain").hidden = !this.filters.isEmpty;
        byId("log-nothing-found").hidden = !hasRows || shown > 0;
        byId("older").hidden = !hasRows || !hasMore;
        byId("log-count").textContent = hasRows ? this.countText(hasMore) : "";
    }

    countText(hasMore) {
        const { count: loaded, shownCount: shown, search } = this.table;
        if (search) return `${count(shown)} of ${counted(loaded, "loaded request")} found`;
        return `${counted(loaded, "request")}${hasMore ? "" : ", all there are"}`;
    }

    // readAt: null before anything was read. seconds: until the next reading, null while there will be none.
    showAge(readAt, seconds, isPaused) {
        const read = readAt ? `Read at ${clockTime(readAt)}` : "";
        const soon = read ? `again in ${seconds} s` : `Trying again in ${seconds} s`;
        const next = seconds !== null ? soon : isPaused ? "paused" : "";
        byId("log-age").textContent = [read, next].filter(Boolean).join(" · ");
    }

    // For those who do not see the rows.
    announce(number, what) {
        if (number > 0) byId("log-live").textContent = `${counted(number, what)}.`;
    }
}
