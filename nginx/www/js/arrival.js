// Waits until an event that was queued just now comes up in the log.

import { noFilters, readPage } from "/js/log-source.js";

const lookEverySeconds = 1;
const deadlineSeconds = 30;

// The newest row with this request ID; null when there is none at the deadline. A failure that may pass is outlasted.
export async function arrival(slug, eventType, requestId) {
    const end = Date.now() + deadlineSeconds * 1000;
    let failure = null;
    while (Date.now() < end) {
        await new Promise((resolve) => { setTimeout(resolve, lookEverySeconds * 1000); });
        try {
            const { rows } = await readPage(slug, { ...noFilters, event: eventType }, null);
            const row = rows.find((one) => one.requestId === requestId);
            if (row) return row;
            failure = null;
        } catch (error) {
            if (!error.isPassing) throw error;
            failure = error;
        }
    }
    if (failure) throw failure;
    return null;
}
