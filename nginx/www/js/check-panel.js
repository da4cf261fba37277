// “Check an event”: would the app get it, and if not, why not; and a test event that shows it.

import { verdict } from "/js/check-answer.js";
import { CheckForm } from "/js/check-form.js";
import { CheckPlace } from "/js/check-place.js";
import { byId } from "/js/element.js";
import { askWhy, refusalOfCheck } from "/js/event-check.js";
import { TestSending } from "/js/test-sending.js";

export class CheckPanel {
    // check: what to ask at once, or null. asked: called with what is asked. showRequest: opens a request in the log.
    constructor(slug, check, { asked, showRequest }) {
        this.slug = slug;
        this.asked = asked;
        this.running = null;
        this.section = byId("check");
        this.place = new CheckPlace();
        this.form = new CheckForm({
            ask: () => this.submitted((values) => this.start(values)),
            test: () => this.submitted((values) => this.sending.start(values)),
            changed: () => this.clear(),
        });
        this.sending = new TestSending(slug, this.place, {
            run: (question) => this.run(question), showRequest,
            refused: (error, retry) => this.refused(error, "The test event was not sent.", retry, true),
        });
        window.addEventListener("pagehide", () => this.clear());
        this.show(check);
    }

    // What the address says. A test event is never sent because of an address.
    show(check) {
        this.form.set(check);
        this.clear();
        if (!check) return;
        this.section.open = true;
        this.start(check);
    }

    submitted(begin) {
        const check = this.form.values;
        this.asked(check);
        this.clear();
        begin(check);
    }

    start(check) {
        this.run((signal) => this.ask(check, signal));
    }

    // One question at a time: an earlier one is stopped, and its answer not shown any more.
    async run(question) {
        this.clear();
        const running = new AbortController();
        this.running = running;
        this.form.setBusy(true);
        await question(running.signal);
        if (!running.signal.aborted) this.form.setBusy(false);
    }

    async ask(check, signal) {
        this.place.say("info", `Following the way of ${check.event}…`);
        try {
            const answer = await askWhy(this.slug, check, signal);
            if (!signal.aborted) this.answered(answer, check);
        } catch (error) {
            if (!signal.aborted) this.refused(error, "This could not be checked.", () => this.start(check), false);
        }
    }

    answered(answer, check) {
        this.place.say(answer.wouldBeDelivered ? "good" : "bad", verdict(answer, check));
        this.place.showSteps(answer.steps);
    }

    refused(error, title, retry, isTest) {
        this.clear();
        if (error.status === 409 && Array.isArray(error.body?.steps)) {
            this.place.say("bad", error.message);
            this.place.showSteps(error.body.steps);
        } else if (error.kind === "invalid" && this.form.complain(error.message)) {
            this.place.say("bad", error.message);
        } else if (error.isPassing || error.kind === "signed-out") {
            this.place.failed(error, title, retry);
        } else {
            this.place.fail(title, refusalOfCheck(error, isTest));
        }
    }

    clear() {
        this.running?.abort();
        this.form.setBusy(false);
        this.place.clear();
    }
}
