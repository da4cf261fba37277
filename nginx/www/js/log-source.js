// Loads the rows of an app's log.
//
// The table uses webhook-requests/, which every release has. Where its rows have no headers and bodies of failed
// requests, these are loaded when a row is opened.

import { appPath, get } from "/js/api.js";
import { parseDate } from "/js/times.js";

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

// The headers and bodies of a row: { headers, request, response }, each null if it is not stored; null if the log has
// dropped the row. Rows of newer releases have them already, under other names.
//
// Lists of errors reach back further than lists of all requests. Entries of old versions may be in the latter only.
export async function readDetails(slug, row, signal) {
    if (row.request_headers !== undefined) return storedParts(row);
    const date = parseDate(row.date);
    if (!date) return null;
    // The log compares whole seconds.
    const second = new Date(Math.floor(date.getTime() / 1000) * 1000).toISOString();
    for (const errorsOnly of ["true", ""]) {
        const result = await get(
            appPath(slug, "webhook-requests/"),
            { eventType: row.eventType, errorsOnly, start: second, end: second, expand: "bodies" }, signal);
        const found = keyed(result.data).find((other) => other.key === row.key);
        if (found) return storedParts(found);
    }
    return null;
}

function storedParts(row) {
    return {
        headers: row.requestHeaders ?? row.request_headers ?? null,
        request: row.requestBody ?? row.request_body ?? null,
        response: row.responseBody ?? row.response_body ?? null,
    };
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
