// “Check an event”: would the app get it, and if not, why not; and a test event that shows it.

import { arrival } from "/js/arrival.js";
import { stepList, verdict } from "/js/check-answer.js";
import { CheckForm } from "/js/check-form.js";
import { byId, element } from "/js/element.js";
import { askWhy, refusalOfCheck, sendTestEvent } from "/js/event-check.js";
import { Notice, showFailure } from "/js/notice.js";
import { duration } from "/js/numbers.js";
import { outcome } from "/js/outcome.js";

export class CheckPanel {
    // check: what to ask at once, or null. asked: called with what is asked. showRequest: opens a request in the log.
    constructor(slug, check, { asked, showRequest }) {
        this.slug = slug;
        this.asked = asked;
        this.showRequest = showRequest;
        this.asking = 0;
        this.section = byId("check");
        this.notice = new Notice(byId("check-notice"));
        this.form = new CheckForm({
            ask: () => this.submitted(false), test: () => this.submitted(true), changed: () => this.clear(),
        });
        this.show(check);
    }

    // What the address says. A test event is never sent because of an address.
    show(check) {
        this.form.set(check);
        this.clear();
        if (!check) return;
        this.section.open = true;
        this.run((isCurrent) => this.ask(check, isCurrent));
    }

    submitted(isTest) {
        const check = this.form.values;
        this.asked(check);
        this.clear();
        this.run((isCurrent) => (isTest ? this.test(check, isCurrent) : this.ask(check, isCurrent)));
    }

    // One question at a time: the answer to an earlier one is not shown any more.
    async run(question) {
        this.asking += 1;
        const number = this.asking;
        const isCurrent = () => number === this.asking;
        this.form.setBusy(true);
        await question(isCurrent);
        if (isCurrent()) this.form.setBusy(false);
    }

    async ask(check, isCurrent) {
        this.say("info", `Following the way of ${check.event}…`);
        try {
            const answer = await askWhy(this.slug, check);
            if (isCurrent()) this.answered(answer, check);
        } catch (error) {
            if (isCurrent()) this.refused(error, "This could not be checked.", false);
        }
    }

    answered(answer, check) {
        this.say(answer.wouldBeDelivered ? "good" : "bad", verdict(answer, check));
        byId("check-steps").replaceChildren(stepList(answer.steps));
    }

    async test(check, isCurrent) {
        this.say("info", "Asking for a test event…");
        try {
            const id = await sendTestEvent(this.slug, check);
            if (!isCurrent()) return;
            this.say("info", `The test event is queued as ${id}. Waiting until it was sent…`);
            const row = await arrival(this.slug, check.event, id);
            if (isCurrent()) this.arrived(row, id);
        } catch (error) {
            if (isCurrent()) this.refused(error, "The test event was not sent.", true);
        }
    }

    arrived(row, id) {
        const look = element("button", { type: "button", onclick: () => this.showRequest(id) }, "Show it in the log");
        if (row === null) {
            const words = "The test event is queued, but not in the log yet. It may wait behind others, or no worker runs.";
            this.say("warn", words, look);
            return;
        }
        const { tone, word, sentence } = outcome(row);
        const took = typeof row.durationMs === "number" ? ` in ${duration(row.durationMs)}` : "";
        this.say(tone, `The test event was sent: ${word}${took}. ${sentence}`, look);
    }

    refused(error, title, isTest) {
        this.clear();
        if (error.status === 409 && Array.isArray(error.body?.steps)) {
            this.say("bad", error.message);
            byId("check-steps").replaceChildren(stepList(error.body.steps));
        } else if (error.kind === "invalid" && this.form.complain(error.message)) {
            this.say("bad", error.message);
        } else if (error.isPassing || error.kind === "signed-out") {
            showFailure(this.notice, error, title, () => this.submitted(isTest));
        } else {
            this.notice.show("bad", title, refusalOfCheck(error, isTest));
        }
    }

    // Said aloud, so in short; the steps are there to be read.
    say(tone, text, action = null) {
        const words = byId("check-verdict");
        words.className = `verdict verdict-${tone}`;
        words.textContent = text;
        byId("check-actions").replaceChildren(...(action ? [action] : []));
    }

    clear() {
        this.asking += 1;
        this.form.setBusy(false);
        this.notice.clear();
        this.say("info", "");
        byId("check-steps").replaceChildren();
    }
}
