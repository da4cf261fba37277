// Where the rows of an app's log come from.
//
// The table reads webhook-requests/, whose rows are small and come in pages. Headers and bodies, which only failed
// requests have, are read from requests/ when somebody opens a row.

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
        // A minute is chosen; the whole of it is meant.
        end: filters.to ? new Date(filters.to.getTime() + 59_999).toISOString() : "",
    };
}

// { rows, next: cursor or null, source: the same object as long as the rows are the same }
export async function readPage(slug, filters, cursor, signal) {
    const answer = await get(
        appPath(slug, "webhook-requests/"),
        { ...filterParameters(filters), per_page: String(rowsPerPage), cursor: cursor ?? "" }, signal);
    return { rows: keyed(answer.data), next: nextCursor(answer.link), source: answer.data };
}

// The row with its headers and bodies; null when the log has lost them meanwhile.
//
// The lists of errors reach back further than those of all requests; but what old versions wrote may be in the latter
// only.
export async function readDetails(slug, row, signal) {
    const date = parseDate(row.date);
    if (!date) return null;
    const second = utcSeconds(date);
    for (const errorsOnly of ["true", ""]) {
        const answer = await get(
            appPath(slug, "requests/"), { eventType: row.eventType, errorsOnly, start: second, end: second }, signal);
        const found = keyed(answer.data).find((other) => other.key === row.key);
        if (found) return found;
    }
    return null;
}

// Rows have no id: what they say is what they are told apart by, and a number where they say the same.
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
