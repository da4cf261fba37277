// Sends an event once more and waits for it to come up in the log.

import { appPath, newKey, post } from "/js/api.js";
import { arrival } from "/js/arrival.js";

// By request ID: the key of a call of which it is not known what became of it. The next one repeats it.
const unknown = new Map();

// words: called with a tone and what to say. Answers the new request's ID once it is in the log, otherwise null.
// signal: stops the waiting, not the sending.
export async function redeliver(slug, row, words, signal) {
    const id = await queued(slug, row, words);
    if (id === null) return null;
    words("info", `Queued as ${id}. Waiting until it was sent…`);
    try {
        if (await arrival(slug, row.eventType, id, signal)) {
            words("good", `Sent again as ${id}: see the log.`);
            return id;
        }
        words("info", `Queued as ${id}, but not in the log yet. It may wait behind others, or no worker runs.`);
    } catch (error) {
        if (!signal.aborted) words("warn", `Queued as ${id}; the log could not be read: ${error.message}`);
    }
    return null;
}

async function queued(slug, { requestId }, words) {
    const key = unknown.get(requestId) ?? newKey();
    unknown.delete(requestId);
    try {
        return (await post(appPath(slug, `requests/${encodeURIComponent(requestId)}/redeliver/`), { key })).data.id;
    } catch (error) {
        if (error.mayHaveBeenDone) {
            unknown.set(requestId, key);
            words("warn", "It is not known whether the event was queued. "
                + `${error.message} “Redeliver” asks again, and queues it once only.`);
        } else {
            words("bad", refusal(error));
        }
        return null;
    }
}

function refusal(error) {
    if (error.kind === "signed-out") return "You are no longer signed in: reload this page to sign in again.";
    if (error.kind === "forbidden") {
        return "You may not do this: sending again needs the right org:write in the organization that owns the app.";
    }
    if (error.kind === "missing" && (!error.hasRoute || error.status === 405)) {
        return "This server does not offer to send requests again.";
    }
    return error.message;
}
