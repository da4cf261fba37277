// The state of the log (loading, rows, stale, failed or empty), the number of rows, and the time of the last update.

import { byId } from "/js/element.js";
import { counted } from "/js/numbers.js";
import { clockTime } from "/js/times.js";

export class LogStatus {
    constructor(table, filters) {
        this.table = table;
        this.filters = filters;
    }

    // hasMore: whether older requests can be loaded. partlySearched: the number of rows whose payloads a search has
    // left out.
    show(state, hasMore, partlySearched = 0) {
        const hasRows = ["rows", "stale", "searching"].includes(state) && this.table.count > 0;
        byId("log").dataset.state = state;
        byId("log-area").setAttribute("aria-busy", String(["loading", "searching"].includes(state)));
        byId("log-table").hidden = !hasRows;
        if (!byId("log-table").hidden) this.table.spanPanels();
        byId("log-loading").hidden = state !== "loading";
        byId("log-empty").hidden = state !== "empty";
        byId("log-empty-filtered").hidden = this.filters.isEmpty;
        byId("log-empty-plain").hidden = !this.filters.isEmpty;
        byId("older").hidden = !hasRows || !hasMore || state === "searching";
        byId("log-count").textContent = this.countText(state, hasRows, hasMore);
        byId("log-partly-searched").hidden = partlySearched === 0;
        byId("log-partly-searched").textContent = partlySearched === 0 ? ""
            : `The payloads of ${counted(partlySearched, "older request")} were not searched, because those of newer `
                + "requests are too large or took too long to read. Choose a shorter time range or an event to search "
                + "them.";
    }

    countText(state, hasRows, hasMore) {
        if (state === "searching") return "Searching…";
        if (!hasRows) return "";
        const loaded = counted(this.table.count, this.filters.values.search ? "matching request" : "request");
        return `${loaded} ${hasMore ? "loaded" : "in total"}`;
    }

    // updatedAt: null before the first success. seconds: until the next refresh, null if none is scheduled.
    showAge(updatedAt, seconds, isPaused) {
        const updated = updatedAt ? `Updated ${clockTime(updatedAt)}` : "";
        const scheduled = updated ? `next refresh in ${seconds} s` : `Retrying in ${seconds} s`;
        const next = seconds !== null ? scheduled : isPaused ? "paused" : "";
        byId("log-age").textContent = [updated, next].filter(Boolean).join(" · ");
    }

    // For screen readers.
    announceFound(number, hasMore) {
        byId("log-live").textContent = number === 0 ? "No requests match."
            : `${counted(number, "matching request")}${hasMore ? " loaded" : ""}.`;
    }

    // For screen readers.
    announce(number, noun) {
        if (number > 0) byId("log-live").textContent = `${counted(number, noun)}.`;
    }
}
