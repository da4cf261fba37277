// Erases an event: what waits in the queue, the payload, and the rows of the log.

import { rejectionText } from "/js/api-error.js";
import { appPath, remove } from "/js/api.js";
import { confirmButton } from "/js/confirm.js";
import { counted } from "/js/numbers.js";

// erase: an async function, called when the user has confirmed. Returns an element.
export function eraseButton({ requestId }, erase) {
    const button = confirmButton({
        text: "Erase", isDanger: true, name: `Erase the event ${requestId}`,
        question: () => `Erase the event ${requestId} permanently? That deletes its payload, the details of its `
            + "attempts, its rows in this log, and what waits in the queue. Redeliveries of it stay.",
        run: erase,
    });
    button.classList.add("needs-erase");
    return button;
}

// showStatus: called with a tone and a text if the event is not erased. Returns what was erased in words, or null.
export async function eraseEvent(slug, { requestId }, showStatus) {
    try {
        const { data } = await remove(appPath(slug, `requests/${encodeURIComponent(requestId)}/`));
        return summary(data);
    } catch (error) {
        if (error.mayHaveSucceeded) {
            showStatus("warn", "It is not known whether the event was erased. "
                + `${error.message} Use “Erase” again: it erases what is left.`);
        } else {
            showStatus("bad", rejection(error));
        }
        return null;
    }
}

function summary({ queue, payload, details, rows }) {
    const parts = [
        queue.includes("dead_letter") ? "its dead letter" : queue.length > 0 ? "its entry in the queue" : null,
        payload ? "its payload" : null,
        details > 0 ? `the details of ${counted(details, "attempt")}` : null,
        rows > 0 ? counted(rows, "row") : null,
    ].filter(Boolean);
    return parts.length > 0 ? `Deleted: ${parts.join(", ")}.` : "Nothing of it was left.";
}

function rejection(error) {
    return rejectionText(error, {
        forbidden: "Erasing requires org:admin in the organization that owns the app.",
        unsupported: "This server cannot erase events.",
    });
}
