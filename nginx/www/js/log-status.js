// The state of the log (loading, rows, stale, failed or empty), the number of rows, and the time of the last update.

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

    // hasMore: whether older requests can be loaded.
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
        if (search) return `${count(shown)} of ${counted(loaded, "loaded request")} match`;
        return `${counted(loaded, "request")} ${hasMore ? "loaded" : "in total"}`;
    }

    // updatedAt: null before the first success. seconds: until the next refresh, null if none is scheduled.
    showAge(updatedAt, seconds, isPaused) {
        const updated = updatedAt ? `Updated ${clockTime(updatedAt)}` : "";
        const scheduled = updated ? `next refresh in ${seconds} s` : `Retrying in ${seconds} s`;
        const next = seconds !== null ? scheduled : isPaused ? "paused" : "";
        byId("log-age").textContent = [updated, next].filter(Boolean).join(" · ");
    }

    // For screen readers.
    announce(number, noun) {
        if (number > 0) byId("log-live").textContent = `${counted(number, noun)}.`;
    }
}
