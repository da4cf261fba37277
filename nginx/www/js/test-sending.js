// A test event: sends it, waits for it in the log, and says what became of it.

import { newKey } from "/js/api.js";
import { arrival } from "/js/arrival.js";
import { byId } from "/js/element.js";
import { sendTestEvent } from "/js/event-check.js";
import { duration } from "/js/numbers.js";
import { outcome } from "/js/outcome.js";

export class TestSending {
    // place: where to speak. run: called with what to do until the signal that it gets says to stop. refused: called with
    // an error of which nothing came, and what to do to try again. showRequest: opens a request in the log.
    constructor(slug, place, { run, refused, showRequest }) {
        this.slug = slug;
        this.place = place;
        this.run = run;
        this.refused = refused;
        this.showRequest = showRequest;
        byId("check-actions").addEventListener("keydown", (event) => {
            if (event.key === "Escape") this.cancel?.();
        });
    }

    // The same key for whatever comes of this one wish: the server queues one event for it.
    start(check) {
        const key = newKey();
        const send = () => {
            this.cancel = null;
            this.run((signal) => this.send(check, key, signal));
        };
        this.cancel = null;
        if (check.event.startsWith("installation.")) this.confirm(check, send);
        else send();
    }

    // The answer to an event about an installation is to set something up, or to delete it, whatever the event is marked as.
    confirm({ event }, send) {
        this.cancel = () => {
            this.cancel = null;
            byId("send-test").focus();
            this.place.say("info", "Nothing was sent.");
        };
        this.place.say("warn", `To the receiver a test event of ${event} looks real: it is signed and names the real `
            + "installation. The receiver may act on it, as by deleting what it keeps. Send it?", [
            { text: "Send it", run: () => { byId("send-test").focus(); send(); } },
            { text: "Do not send", run: this.cancel },
        ]);
        byId("check-actions").lastElementChild.focus();
    }

    async send(check, key, signal) {
        this.place.say("info", "Asking for a test event…");
        let id = null;
        try {
            id = await sendTestEvent(this.slug, check, key);
        } catch (error) {
            const retry = () => {
                byId("send-test").focus();
                this.run((next) => this.send(check, key, next));
            };
            if (!signal.aborted) this.notSent(error, retry);
            return;
        }
        if (!signal.aborted) await this.follow(check.event, id, signal);
    }

    notSent(error, retry) {
        if (!error.mayHaveBeenDone) {
            this.refused(error, retry);
            return;
        }
        this.place.fail(
            "It is not known whether the test event was queued.",
            `${error.message} “Try again” asks again, and queues it once only.`, [{ text: "Try again", run: retry }]);
    }

    async follow(event, id, signal) {
        this.place.say("info", `The test event is queued as ${id}. Waiting until it was sent…`);
        try {
            const row = await arrival(this.slug, event, id, signal);
            if (signal.aborted) return;
            if (row) this.arrived(row, id);
            else this.unseen(event, id, `The test event is queued as ${id}, but not in the log yet. `
                + "It may wait behind others, or no worker runs.");
        } catch (error) {
            if (!signal.aborted) this.unseen(event, id, `Queued as ${id}; the log could not be read: ${error.message}`);
        }
    }

    // Looking again sends nothing.
    unseen(event, id, text) {
        const look = () => {
            byId("send-test").focus();
            this.run((signal) => this.follow(event, id, signal));
        };
        this.place.say("warn", text, [
            { text: "Look again", run: look }, { text: "Show it in the log", run: () => this.showRequest(id) },
        ]);
    }

    arrived(row, id) {
        const { tone, word, sentence } = outcome(row);
        const took = typeof row.durationMs === "number" ? ` in ${duration(row.durationMs)}` : "";
        this.place.say(tone, `The test event was sent: ${word}${took}. ${sentence}`, [
            { text: "Show it in the log", run: () => this.showRequest(id) },
        ]);
    }
}
