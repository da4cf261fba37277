// Loads the rows of an app's log.
//
// The table uses webhook-requests/, which has small rows and pagination. Headers and bodies of failed requests are
// loaded from requests/ when a row is opened.

import { appPath, get } from "/js/api.js";
import { parseDate, utcSeconds } from "/js/times.js";

export const rowsPerPage = 50;
export const noFilters = { event: "", errors: false, organization: "", from: null, to: null, search: "" };

export function filterParameters(filters) {
    return {
        eventType: filters.event,
        errorsOnly: filters.errors ? "true" : "",
        organizationSlug: filters.organization,
        start: filters.from ? filters.from.toISOString() : "",
        // The field has whole minutes; include the whole minute.
        end: filters.to ? new Date(filters.to.getTime() + 59_999).toISOString() : "",
    };
}

// Returns { rows, next: cursor or null, source: the same object as before if the rows have not changed }.
export async function readPage(slug, filters, cursor, signal) {
    const result = await get(
        appPath(slug, "webhook-requests/"),
        { ...filterParameters(filters), per_page: String(rowsPerPage), cursor: cursor ?? "" }, signal);
    return { rows: keyed(result.data), next: nextCursor(result.link), source: result.data };
}

// The row with its headers and bodies; null if the log has dropped it.
//
// Lists of errors reach back further than lists of all requests. Entries of old versions may be in the latter only.
export async function readDetails(slug, row, signal) {
    const date = parseDate(row.date);
    if (!date) return null;
    const second = utcSeconds(date);
    for (const errorsOnly of ["true", ""]) {
        const result = await get(
            appPath(slug, "requests/"), { eventType: row.eventType, errorsOnly, start: second, end: second }, signal);
        const found = keyed(result.data).find((other) => other.key === row.key);
        if (found) return found;
    }
    return null;
}

// Rows have no id. The key is their content, with a number to distinguish equal rows.
function keyed(rows) {
    const seen = new Map();
    return rows.map((row) => {
        const text = JSON.stringify([
            row.date, row.eventType, row.webhookUrl, row.responseCode, row.requestId ?? "", row.attempt ?? "",
        ]);
        const number = seen.get(text) ?? 0;
        seen.set(text, number + 1);
        return { ...row, key: `${text}#${number}` };
    });
}

export function nextCursor(link) {
    for (const part of (link ?? "").split(/,\s*(?=<)/)) {
        const match = /rel="next"; results="true"; cursor="([^"]+)"/.exec(part);
        if (match) return match[1];
    }
    return null;
}
