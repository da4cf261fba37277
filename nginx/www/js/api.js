// Calls to the API of this site. A call returns { data, link, tag, headers } or throws an ApiError. tag: the ETag, or
// null.

import { ApiError } from "/js/api-error.js";

const timeoutMilliseconds = 20_000;
// By URL: the last result and its ETag, for conditional requests.
const cache = new Map();
const maximumCached = 50;
const maximumPages = 10;
const concurrentCalls = 4;

export function appPath(slug, rest = "") {
    return `/api/0/sentry-apps/${encodeURIComponent(slug)}/${rest}`;
}

// If the response has not changed since the last call, returns the same object as that call.
export async function get(path, parameters = {}, signal = undefined) {
    const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== null && value !== ""));
    const url = query.size > 0 ? `${path}?${query}` : path;
    const cached = cache.get(url);
    const { response, text } = await send(url, { headers: cached ? { "If-None-Match": cached.tag } : {} }, signal);
    if (response.status === 304 && cached) return cached.result;
    if (!response.ok) throw failure(response, text);

    const tag = response.headers.get("ETag");
    const { headers } = response;
    const result = { data: json(response, text), link: headers.get("Link"), tag, headers };
    if (tag) store(url, { tag, result });
    return result;
}

// The rows of a list: of its first pages, as many as concern a user. Returns { rows, hasMore }.
export async function pages(path, parameters = {}) {
    const rows = [];
    let cursor = "";
    for (let page = 0; page < maximumPages && cursor !== null; page += 1) {
        const { data, link } = await get(path, { ...parameters, cursor });
        rows.push(...data);
        cursor = nextCursor(link);
    }
    return { rows, hasMore: cursor !== null };
}

// The cursor of the next page in the header Link; null if there is none.
export function nextCursor(link) {
    for (const part of (link ?? "").split(/,\s*(?=<)/)) {
        const match = /rel="next"; results="true"; cursor="([^"]+)"/.exec(part);
        if (match) return match[1];
    }
    return null;
}

// Calls an async function for each item, for some at a time; returns the results in the order of the items.
export async function each(items, call) {
    const results = [];
    const pending = [...items.entries()];
    const work = async () => {
        for (let next = pending.shift(); next; next = pending.shift()) results[next[0]] = await call(next[1]);
    };
    await Promise.all(Array.from({ length: concurrentCalls }, work));
    return results;
}

// options: see change(); further ones: key, an idempotency key, see newKey().
export const post = (path, options = {}) => change("POST", path, options);
export const put = (path, options = {}) => change("PUT", path, options);
export const remove = (path, options = {}) => change("DELETE", path, options);

// body: a value that is sent as JSON, or undefined. tag: make the change only if the state is still the one with this
// ETag; the call fails with status 412 if it is not.
async function change(method, path, { body = undefined, key = null, tag = null, signal = undefined }) {
    const headers = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (key !== null) headers["Idempotency-Key"] = key;
    if (tag !== null) headers["If-Match"] = tag;
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const { response, text } = await send(path, { method, headers, ...content }, signal);
    if (!response.ok) throw failure(response, text);
    return {
        data: response.status === 204 ? null : json(response, text), status: response.status,
        tag: response.headers.get("ETag"),
    };
}

// An idempotency key for post(); use the same one for a retry. Pages without TLS have no crypto.randomUUID().
export function newKey() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Returns { response, text }. The body is read within the time limit, too: it may never end.
async function send(path, options, signal) {
    signal?.throwIfAborted();
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), timeoutMilliseconds);
    const abort = () => controller.abort();
    signal?.addEventListener("abort", abort);
    let response = null;
    try {
        // An absolute URL: a relative one would inherit a password in the page's own URL, and fetch rejects that.
        response = await fetch(window.location.origin + path, {
            ...options, signal: controller.signal, credentials: "same-origin", cache: "no-store", redirect: "error",
            headers: { Accept: "application/json", ...options.headers },
        });
        return { response, text: await response.text() };
    } catch (error) {
        if (signal?.aborted) throw error;
        if (controller.signal.aborted) throw new ApiError("timeout");
        throw response === null ? new ApiError("unreachable") : incomplete(response);
    } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
    }
}

function json(response, text) {
    try {
        return JSON.parse(text);
    } catch {
        // Truncated, or the page of a proxy.
        throw incomplete(response);
    }
}

const incomplete = ({ status }) => new ApiError("server-error", { status, detail: "the response was incomplete." });

function failure(response, text) {
    let body = null;
    try {
        body = JSON.parse(text);
    } catch {
        // Not JSON: the path is unknown to the server.
    }
    const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
    return ApiError.ofStatus(response.status, {
        detail: message(body), retryAfter: Number.isNaN(seconds) ? null : seconds, hasRoute: body !== null, body,
    });
}

// The text of {"detail": "…"}, or of the field errors.
function message(body) {
    if (body === null || typeof body !== "object") return null;
    if (typeof body.detail === "string") return body.detail;
    const messages = Object.entries(body).filter(([, value]) => Array.isArray(value))
        .map(([field, value]) => (field === "non_field_errors" ? value.join(" ") : `${field}: ${value.join(" ")}`));
    return messages.length > 0 ? messages.join(" ") : null;
}

// Moves the entry to the end; the first one is the least recently stored.
function store(url, entry) {
    cache.delete(url);
    cache.set(url, entry);
    if (cache.size > maximumCached) cache.delete(cache.keys().next().value);
}
