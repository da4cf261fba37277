// Sends an event once more and waits for it to come up in the log.

import { appPath, post } from "/js/api.js";
import { arrival } from "/js/arrival.js";

// words: called with a tone and what to say. Answers the new request's ID once it is in the log, otherwise null.
export async function redeliver(slug, row, words) {
    try {
        const { data } = await post(appPath(slug, `requests/${encodeURIComponent(row.requestId)}/redeliver/`));
        words("info", `Queued as ${data.id}. Waiting until it was sent…`);
        if (await arrival(slug, row.eventType, data.id)) {
            words("good", `Sent again as ${data.id}: see the log.`);
            return data.id;
        }
        words("info", `Queued as ${data.id}, but not in the log yet. It may wait behind others, or no worker runs.`);
    } catch (error) {
        words("bad", refusal(error));
    }
    return null;
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
