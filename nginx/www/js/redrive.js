// Puts the dead letters of an app back into the queue.

import { rejectionText } from "/js/api-error.js";
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
            notice.show("good", count === 0 ? "There were no dead letters." : `${events(count)} in the queue.`, "");
        }
    } catch (error) {
        const sent = before > 0 ? `${events(before)} in the queue. ` : "";
        if (error.mayHaveSucceeded) {
            notice.show("warn", "It is not known whether more dead letters are in the queue.",
                `${sent}${error.message}`, [retry]);
        } else {
            notice.show("bad", "The dead letters could not be redriven.",
                `${sent}${rejection(error, "hookline queue redrive")}`, [retry]);
        }
    }
}

// command: what an operator uses where the server has no such route.
export function rejection(error, command) {
    return rejectionText(error, {
        forbidden: "This requires org:write in the organization that owns the app.",
        unsupported: `This server cannot do that through its API. Use “${command}” on the server.`,
    });
}
