// Sends a test event, waits for its request in the log, and shows the outcome.

import { appPath, newKey, post } from "/js/api.js";
import { ask } from "/js/confirm.js";
import { byId } from "/js/element.js";
import { duration } from "/js/numbers.js";
import { outcome } from "/js/outcome.js";
import { waitForRequest } from "/js/request-wait.js";

export class TestEvent {
    // output: a CheckOutput. run: runs a task, which is called with an AbortSignal. rejected: called with an error that
    // means that nothing was queued, and with a function to try again. showRequest: opens a request in the log.
    constructor(slug, output, { run, rejected, showRequest }) {
        this.slug = slug;
        this.output = output;
        this.run = run;
        this.rejected = rejected;
        this.showRequest = showRequest;
    }

    // All retries use the same key, so the server queues a single event.
    start(check) {
        const key = newKey();
        const send = () => this.run((signal) => this.send(check, key, signal));
        if (check.event.startsWith("installation.")) this.confirm(check, send);
        else send();
    }

    // Receivers react to events about installations by creating or deleting data, and may ignore the test mark.
    confirm({ event }, send) {
        this.output.show("warn", `The receiver may treat a test event of ${event} as a real one: it is signed and `
            + "contains the real installation. The receiver may then change or delete data.");
        ask(byId("check-actions"), {
            question: "Send it?", confirm: "Send",
            run: async () => {
                byId("send-test").focus();
                await send();
            },
            cancel: () => {
                byId("send-test").focus();
                this.output.show("info", "Nothing was sent.");
            },
        });
    }

    async send(check, key, signal) {
        this.output.show("info", "Sending the test event…");
        let id = null;
        try {
            id = await sendTestEvent(this.slug, check, key);
        } catch (error) {
            const retry = () => {
                byId("send-test").focus();
                this.run((next) => this.send(check, key, next));
            };
            if (!signal.aborted) this.failed(error, retry);
            return;
        }
        if (!signal.aborted) await this.follow(check.event, id, signal);
    }

    failed(error, retry) {
        if (!error.mayHaveSucceeded) {
            this.rejected(error, retry);
            return;
        }
        this.output.showError(
            "It is not known whether the test event was queued.",
            `${error.message} “Try again” does not queue it twice.`, [{ text: "Try again", run: retry }]);
    }

    async follow(event, id, signal) {
        this.output.show("info", `The test event is queued as ${id}. Waiting for delivery…`);
        try {
            const row = await waitForRequest(this.slug, event, id, signal);
            if (signal.aborted) return;
            if (row) this.showOutcome(row, id);
            else this.offerRetry(event, id, `The test event is queued as ${id}, but not delivered yet. `
                + "The queue may be long, or no worker is running.");
        } catch (error) {
            if (!signal.aborted) {
                this.offerRetry(event, id, `Queued as ${id}, but the log could not be loaded: ${error.message}`);
            }
        }
    }

    // Checking again only reads the log.
    offerRetry(event, id, text) {
        const checkAgain = () => {
            byId("send-test").focus();
            this.run((signal) => this.follow(event, id, signal));
        };
        this.output.show("warn", text, [
            { text: "Check again", run: checkAgain }, { text: "Show in the log", run: () => this.showRequest(id) },
        ]);
    }

    showOutcome(row, id) {
        const { tone, label, text } = outcome(row);
        const time = typeof row.durationMs === "number" ? ` in ${duration(row.durationMs)}` : "";
        this.output.show(tone, `The test event was sent: ${label}${time}. ${text}`, [
            { text: "Show in the log", run: () => this.showRequest(id) },
        ]);
    }
}

// check: { event, organization, project }. Returns the id of the test event. A retry with the same key returns the same
// id and queues nothing.
async function sendTestEvent(slug, { event, organization, project }, key) {
    const body = { eventType: event };
    if (organization) body.organizationSlug = organization;
    if (project) body.project = project;
    return (await post(appPath(slug, "test-event/"), { body, key })).data.id;
}
