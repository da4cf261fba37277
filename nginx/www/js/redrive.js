// Puts the dead letters of an app back into the queue.

import { appPath, post } from "/js/api.js";

const events = (count) => (count === 1 ? "1 event is" : `${count} events are`);

// All of them, some hundred with each request, and shows the result. retry: an action of the notice, for what is left.
export async function redriveAll(slug, notice, retry, before = 0) {
    try {
        const { data: { redriven, hasMore, queueIsFull } } = await post(appPath(slug, "redrive/"));
        const count = before + redriven;
        if (hasMore && !queueIsFull && redriven > 0) return await redriveAll(slug, notice, retry, count);
        if (queueIsFull) {
            notice.show("warn", `${events(count)} in the queue.`,
                "The queue is full. The others can be sent later.", [retry]);
        } else {
            notice.show("good", count === 0 ? "No events were waiting." : `${events(count)} in the queue.`, "");
        }
    } catch (error) {
        notice.show("bad", "The waiting events could not be sent.",
            rejectionText(error, "hookline queue redrive"), [retry]);
    }
}

// command: what an operator uses where the server has no such route.
export function rejectionText(error, command) {
    if (error.kind === "forbidden") {
        return "You do not have permission. This requires org:write in the organization that owns the app.";
    }
    if (error.kind === "not-found" && (!error.hasRoute || error.status === 405)) {
        return `This server cannot do that through its API. Use “${command}” on the server.`;
    }
    return error.message;
}
