// Waits until an event that was queued just now comes up in the log.

import { noFilters, readPage } from "/js/log-source.js";

const lookEverySeconds = 1;
const deadlineSeconds = 30;

// The newest row with this request ID; null when there is none at the deadline. A failure that may pass is outlasted.
// A page that is hidden looks when it is seen again, and once at least. Fails when the signal says to stop.
export async function arrival(slug, eventType, requestId, signal) {
    const end = Date.now() + deadlineSeconds * 1000;
    let failure = null;
    do {
        await happens((done) => { setTimeout(done, lookEverySeconds * 1000); }, signal);
        await seen(signal);
        try {
            const { rows } = await readPage(slug, { ...noFilters, event: eventType }, null, signal);
            signal.throwIfAborted();
            const row = rows.find((one) => one.requestId === requestId);
            if (row) return row;
            failure = null;
        } catch (error) {
            if (signal.aborted || !error.isPassing) throw error;
            failure = error;
        }
    } while (Date.now() < end);
    if (failure) throw failure;
    return null;
}

async function seen(signal) {
    while (document.hidden) {
        await happens((done) => document.addEventListener("visibilitychange", done, { once: true }), signal);
    }
}

// begin: called with what to call when it has happened.
function happens(begin, signal) {
    return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const stop = () => reject(signal.reason);
        signal.addEventListener("abort", stop, { once: true });
        begin(() => {
            signal.removeEventListener("abort", stop);
            resolve();
        });
    });
}
