// Calls to the API of this site. A call returns { data, link, tag, headers } or throws an ApiError. tag: the ETag, or
// null.

import { ApiError } from "/js/api-error.js";

const timeoutMilliseconds = 20_000;
// By URL: the last result and its ETag, for conditional requests.
const cache = new Map();
const maximumCached = 50;

export function appPath(slug, rest = "") {
    return `/api/0/sentry-apps/${encodeURIComponent(slug)}/${rest}`;
}

// If the response has not changed since the last call, returns the same object as that call.
export async function get(path, parameters = {}, signal = undefined) {
    const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== null && value !== ""));
    const url = query.size > 0 ? `${path}?${query}` : path;
    const cached = cache.get(url);
    const response = await send(url, { headers: cached ? { "If-None-Match": cached.tag } : {} }, signal);
    if (response.status === 304 && cached) return cached.result;
    if (!response.ok) throw await failure(response);

    const tag = response.headers.get("ETag");
    const { headers } = response;
    const result = { data: await json(response), link: headers.get("Link"), tag, headers };
    if (tag) store(url, { tag, result });
    return result;
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
    const response = await send(path, { method, headers, ...content }, signal);
    if (!response.ok) throw await failure(response);
    return {
        data: response.status === 204 ? null : await json(response), status: response.status,
        tag: response.headers.get("ETag"),
    };
}

// An idempotency key for post(); use the same one for a retry. Pages without TLS have no crypto.randomUUID().
export function newKey() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send(path, options, signal) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), timeoutMilliseconds);
    const abort = () => controller.abort();
    signal?.addEventListener("abort", abort);
    try {
        // An absolute URL: a relative one would inherit a password in the page's own URL, and fetch rejects that.
        return await fetch(window.location.origin + path, {
            ...options, signal: controller.signal, credentials: "same-origin", cache: "no-store", redirect: "error",
            headers: { Accept: "application/json", ...options.headers },
        });
    } catch (error) {
        if (signal?.aborted) throw error;
        throw new ApiError(controller.signal.aborted ? "timeout" : "unreachable");
    } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
    }
}

async function json(response) {
    try {
        return await response.json();
    } catch {
        // Truncated, or the page of a proxy.
        throw new ApiError("server-error", { status: response.status, detail: "the response was incomplete." });
    }
}

async function failure(response) {
    let body = null;
    try {
        body = await response.json();
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
