// Sends an event once more and waits for it to come up in the log.

import { appPath, post } from "/js/api.js";

const lookEverySeconds = 2;
const looks = 15;

// words: called with what to say. refresh: reads the log again. isThere: whether the log shows a request with this ID.
export async function redeliver(slug, row, { words, refresh, isThere }) {
    let id;
    try {
        const answer = await post(appPath(slug, `requests/${encodeURIComponent(row.requestId)}/redeliver/`));
        id = answer.data.id;
    } catch (error) {
        words("bad", refusal(error));
        return null;
    }
    words("info", `Queued as ${id}. Waiting for it to be sent…`);
    for (let look = 0; look < looks; look += 1) {
        await new Promise((resolve) => { setTimeout(resolve, lookEverySeconds * 1000); });
        await refresh();
        if (isThere(id)) {
            words("good", `Sent again as ${id}: see the log.`);
            return id;
        }
    }
    words("info", `Queued as ${id}, but not in the log yet. It may wait behind other events, or the filters leave it out.`);
    return id;
}

function refusal(error) {
    if (error.kind === "signed-out") return "You are no longer signed in: reload this page to sign in again.";
    if (error.kind === "forbidden") {
        return "You may not do this: sending again needs the right org:write in the organization that owns the app.";
    }
    if (error.kind === "missing" && !error.hasRoute) return "This server does not offer to send requests again.";
    if (error.kind === "missing" && error.status === 405) return "This server does not offer to send requests again.";
    return error.message;
}
