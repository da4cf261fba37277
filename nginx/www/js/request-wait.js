// Waits until a queued event appears in the request log.

import { noFilters, readPage } from "/js/log-source.js";

const pollSeconds = 1;
const timeoutSeconds = 30;

// Returns the newest row with this request ID, or null after the timeout. Ignores transient errors until then. Does not
// poll while the page is hidden, but polls at least once after that. Throws if the signal aborts.
export async function waitForRequest(slug, eventType, requestId, signal) {
    const end = Date.now() + timeoutSeconds * 1000;
    let failure = null;
    do {
        await abortable((done) => { setTimeout(done, pollSeconds * 1000); }, signal);
        await visible(signal);
        try {
            const { rows } = await readPage(slug, { ...noFilters, event: eventType }, null, signal);
            signal.throwIfAborted();
            const row = rows.find((one) => one.requestId === requestId);
            if (row) return row;
            failure = null;
        } catch (error) {
            if (signal.aborted || !error.isTransient) throw error;
            failure = error;
        }
    } while (Date.now() < end);
    if (failure) throw failure;
    return null;
}

async function visible(signal) {
    while (document.hidden) {
        await abortable((done) => document.addEventListener("visibilitychange", done, { once: true }), signal);
    }
}

// A promise that is resolved when subscribe's callback is called, and rejected when the signal aborts.
function abortable(subscribe, signal) {
    return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const abort = () => reject(signal.reason);
        signal.addEventListener("abort", abort, { once: true });
        subscribe(() => {
            signal.removeEventListener("abort", abort);
            resolve();
        });
    });
}
