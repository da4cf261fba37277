// Calls to the API of this site. An answer is { data, link }; everything else is an ApiError.

import { ApiError } from "/js/api-error.js";

const deadlineMilliseconds = 20_000;
// By address: what was answered last, and the tag to ask by whether it still is the answer.
const known = new Map();
const maximumKnown = 50;

export function appPath(slug, rest = "") {
    return `/api/0/sentry-apps/${encodeURIComponent(slug)}/${rest}`;
}

// What has not changed since it was last asked for, by whomever, is answered as the same data: the very same object.
export async function get(path, parameters = {}, signal = undefined) {
    const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== null && value !== ""));
    const address = query.size > 0 ? `${path}?${query}` : path;
    const earlier = known.get(address);
    const response = await send(address, { headers: earlier ? { "If-None-Match": earlier.tag } : {} }, signal);
    if (response.status === 304 && earlier) return earlier.answer;
    if (!response.ok) throw await failure(response);

    const answer = { data: await json(response), link: response.headers.get("Link") };
    const tag = response.headers.get("ETag");
    if (tag) remember(address, { tag, answer });
    return answer;
}

// body: a value that is sent as JSON, or nothing. key: what the server knows a repetition of this call by, see newKey().
export async function post(path, { body = undefined, key = null, signal = undefined } = {}) {
    const headers = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (key !== null) headers["Idempotency-Key"] = key;
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await send(path, { method: "POST", headers, ...content }, signal);
    if (!response.ok) throw await failure(response);
    return { data: response.status === 204 ? null : await json(response) };
}

// A key for post(), to be kept for its repetitions. Not crypto.randomUUID(), which pages without TLS do not have.
export function newKey() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send(address, options, signal) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), deadlineMilliseconds);
    const stop = () => controller.abort();
    signal?.addEventListener("abort", stop);
    try {
        // Whole: an address like /api/0/ would take over a password that stands in the page's own, which fetch refuses.
        return await fetch(window.location.origin + address, {
            ...options, signal: controller.signal, credentials: "same-origin", cache: "no-store", redirect: "error",
            headers: { Accept: "application/json", ...options.headers },
        });
    } catch (error) {
        if (signal?.aborted) throw error;
        throw new ApiError(controller.signal.aborted ? "slow" : "unreachable");
    } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", stop);
    }
}

async function json(response) {
    try {
        return await response.json();
    } catch {
        // Cut on the way, or a page of some proxy: either way not the answer.
        throw new ApiError("broken", { status: response.status, detail: "the answer was incomplete." });
    }
}

async function failure(response) {
    let body = null;
    try {
        body = await response.json();
    } catch {
        // No JSON: nobody who knows this address has answered.
    }
    const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
    return ApiError.ofStatus(response.status, {
        detail: sentence(body), retryAfter: Number.isNaN(seconds) ? null : seconds, hasRoute: body !== null, body,
    });
}

// {"detail": "…"}, or the messages of the fields that were wrong.
function sentence(body) {
    if (body === null || typeof body !== "object") return null;
    if (typeof body.detail === "string") return body.detail;
    const messages = Object.entries(body).filter(([, value]) => Array.isArray(value))
        .map(([field, value]) => (field === "non_field_errors" ? value.join(" ") : `${field}: ${value.join(" ")}`));
    return messages.length > 0 ? messages.join(" ") : null;
}

function remember(address, entry) {
    known.delete(address);
    known.set(address, entry);
    if (known.size > maximumKnown) known.delete(known.keys().next().value);
}
