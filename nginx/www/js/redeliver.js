// Redelivers an event and waits until it appears in the log.

import { rejectionText } from "/js/api-error.js";
import { appPath, newKey, post } from "/js/api.js";
import { waitForRequest } from "/js/request-wait.js";

// By request ID: idempotency keys of calls with an unknown result. A retry uses the same key.
const unresolvedKeys = new Map();

// showStatus: called with a tone and a text. Returns the new request's ID when it is in the log, otherwise null.
// The waiting ends by itself; only leaving the page ends it before.
export async function redeliver(slug, row, showStatus) {
    const id = await enqueue(slug, row, showStatus);
    if (id === null) return null;
    const leaving = new AbortController();
    const leave = () => leaving.abort();
    window.addEventListener("pagehide", leave, { once: true });
    showStatus("info", `Queued as ${id}. Waiting for delivery…`);
    try {
        if (await waitForRequest(slug, row.eventType, id, leaving.signal)) {
            showStatus("good", `Redelivered as ${id}. The new request is in the log.`);
            return id;
        }
        showStatus("info", `Queued as ${id}, but not delivered yet. The queue may be long, or no worker is running.`);
    } catch (error) {
        showStatus("warn", leaving.signal.aborted ? `Queued as ${id}.`
            : `Queued as ${id}, but the log could not be loaded: ${error.message}`);
    } finally {
        window.removeEventListener("pagehide", leave);
    }
    return null;
}

async function enqueue(slug, { requestId }, showStatus) {
    const key = unresolvedKeys.get(requestId) ?? newKey();
    unresolvedKeys.delete(requestId);
    try {
        return (await post(appPath(slug, `requests/${encodeURIComponent(requestId)}/redeliver/`), { key })).data.id;
    } catch (error) {
        if (error.mayHaveSucceeded) {
            unresolvedKeys.set(requestId, key);
            showStatus("warn", "It is not known whether the event was queued. "
                + `${error.message} Use “Redeliver” to try again; the event is not queued twice.`);
        } else {
            showStatus("bad", rejection(error));
        }
        return null;
    }
}

function rejection(error) {
    return rejectionText(error, {
        forbidden: "Redelivery requires org:write in the organization that owns the app.",
        unsupported: "This server does not support redelivery.",
    });
}
