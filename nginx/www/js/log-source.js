// Loads the rows of an app's log.
//
// The table uses webhook-requests/, which every release has. What its rows lack is loaded when a row is opened: from
// requests/{id}/, or for a row without a request ID from the list.

import { appPath, get, nextCursor } from "/js/api.js";
import { hasDetails } from "/js/outcome.js";
import { storedBody } from "/js/stored-body.js";
import { parseDate } from "/js/times.js";

const rowsPerPage = 50;
export const noFilters = { event: "", errors: false, organization: "", from: null, to: null, search: "" };

export function filterParameters(filters) {
    return {
        eventType: filters.event,
        errorsOnly: filters.errors ? "true" : "",
        organizationSlug: filters.organization,
        search: filters.search,
        start: filters.from ? filters.from.toISOString() : "",
        // The field has whole minutes; include the whole minute.
        end: filters.to ? new Date(filters.to.getTime() + 59_999).toISOString() : "",
    };
}

// Returns { rows, next, source, partlySearched }.
//
// next: cursor or null. source: the same object as before if the rows have not changed. partlySearched: the number of
// rows whose payloads a search has left out.
export async function readPage(slug, filters, cursor, signal) {
    const result = await get(
        appPath(slug, "webhook-requests/"),
        { ...filterParameters(filters), per_page: String(rowsPerPage), cursor: cursor ?? "" }, signal);
    return {
        rows: keyed(result.data), next: nextCursor(result.link), source: result.data,
        partlySearched: Number(result.headers.get("Hookline-Partly-Searched") ?? 0),
    };
}

// What an open row shows: { attempts, shown, redeliveries, state }.
//
// attempts: all attempts of the event that are still known, newest first; empty without a request ID.
// shown: the attempt that the row is; null if the log has dropped it, or has no details of its kind.
// redeliveries: [{ id, date }], newest first.
// state: { name, date, attempt, nextAttempt, reason } of the event; null if it is not known.
//
// An attempt is a row with
//     request: { headers, headersTruncated, body, truncated }
//     response: { status, headers, headersTruncated, body, truncated }
// headers: [{ name, value }], may repeat a name. headers and body are null if they are not stored, status if there was
// no response. headersTruncated and truncated: only the beginning of the headers or of the body is stored.
export async function readDetails(slug, row, signal) {
    if (/^[\w-]+$/.test(row.requestId ?? "")) {
        const { attempts, redeliveries, state } = await readEvent(slug, row.requestId, signal);
        const shown = attempts.find((other) => isSame(other, row));
        if (shown) return { attempts, shown, redeliveries, state };
    }
    const shown = hasDetails(row) ? await readFailure(slug, row, signal) : null;
    return { attempts: [], shown, redeliveries: [], state: null };
}

// Whether anything of the request and the response of an attempt is stored.
export function isStored({ request, response }) {
    return [request, response].some(({ headers, body }) => headers !== null || body !== null);
}

async function readEvent(slug, id, signal) {
    try {
        const { data } = await get(appPath(slug, `requests/${encodeURIComponent(id)}/`), {}, signal);
        return {
            attempts: data.attempts.map((row) => attempt({ truncated: [], ...row })),
            // An older server does not list them.
            redeliveries: data.redeliveries ?? [], state: data.state ?? null,
        };
    } catch (error) {
        // The log has dropped it.
        if (error.status === 404) return { attempts: [], redeliveries: [], state: null };
        throw error;
    }
}

// Lists of errors reach back further than lists of all requests. Entries of old versions may be in the latter only.
async function readFailure(slug, row, signal) {
    if (row.request_headers !== undefined) return attempt(row);
    const date = parseDate(row.date);
    if (!date) return null;
    // The log compares whole seconds.
    const second = new Date(Math.floor(date.getTime() / 1000) * 1000).toISOString();
    for (const errorsOnly of ["true", ""]) {
        const result = await get(
            appPath(slug, "webhook-requests/"),
            { eventType: row.eventType, errorsOnly, start: second, end: second, expand: "bodies" }, signal);
        const found = keyed(result.data).find((other) => other.key === row.key);
        if (found) return attempt(found);
    }
    return null;
}

// A row of any list as an attempt, see readDetails().
function attempt(row) {
    return row.request ? keptAttempt(row) : loggedAttempt(row);
}

// A row with details that are kept beside the log.
function keptAttempt({ request, response, ...row }) {
    const part = ({ headers = null, headersTruncated = false, body = null, bodyTruncated = false }) => ({
        headers, headersTruncated, body, truncated: bodyTruncated,
    });
    return { ...row, request: part(request), response: { status: response?.status ?? null, ...part(response ?? {}) } };
}

// row.truncated: the names of bodies that are cut; absent where only their length tells.
function loggedAttempt(row) {
    const headers = row.requestHeaders ?? row.request_headers ?? null;
    const isCut = (name) => row.truncated?.includes(name);
    return {
        ...row,
        request: {
            headers: headers && Object.entries(headers).map(([name, value]) => ({ name, value: String(value) })),
            headersTruncated: false, ...storedBody(row.requestBody ?? row.request_body, isCut("request_body")),
        },
        response: {
            status: row.responseCode > 0 ? row.responseCode : null, headers: null,
            headersTruncated: false, ...storedBody(row.responseBody ?? row.response_body, isCut("response_body")),
        },
    };
}

// Whether two rows, of whatever list, are the same attempt.
function isSame(one, other) {
    return identity(one) === identity(other);
}

function identity(row) {
    return JSON.stringify([
        row.date, row.eventType, row.webhookUrl, row.responseCode, row.requestId ?? "", row.attempt ?? "",
    ]);
}

// Rows have no id. The key is their content, with a number to distinguish equal rows.
function keyed(rows) {
    const seen = new Map();
    return rows.map((row) => {
        const text = identity(row);
        const number = seen.get(text) ?? 0;
        seen.set(text, number + 1);
        return { ...row, key: `${text}#${number}` };
    });
}
