// “Check an event”: whether the app would receive it, and if not, why; and a test event.

import { rejectionText } from "/js/api-error.js";
import { appPath, get } from "/js/api.js";
import { CheckForm } from "/js/check-form.js";
import { CheckOutput } from "/js/check-output.js";
import { byId } from "/js/element.js";
import { TestEvent } from "/js/test-event.js";

export class CheckPanel {
    // check: what to check at once, or null. checkChanged: called with the form's values when a button is pressed.
    // showRequest: opens a request in the log.
    constructor(slug, check, { checkChanged, showRequest }) {
        this.slug = slug;
        this.checkChanged = checkChanged;
        this.running = null;
        this.section = byId("check");
        this.output = new CheckOutput();
        this.form = new CheckForm({
            onCheck: () => this.submit((values) => this.start(values)),
            onTest: () => this.submit((values) => this.testEvent.start(values)),
            onInput: () => this.clear(),
        });
        this.testEvent = new TestEvent(slug, this.output, {
            run: (task) => this.run(task), showRequest,
            rejected: (error, retry) => this.rejected(error, "The test event was not sent.", retry, true),
        });
        window.addEventListener("pagehide", () => this.clear());
        this.show(check);
    }

    // Shows the check in the URL. A URL never sends a test event.
    show(check) {
        this.form.set(check);
        this.clear();
        if (!check) return;
        this.section.open = true;
        this.start(check);
    }

    submit(action) {
        const check = this.form.values;
        this.checkChanged(check);
        this.clear();
        action(check);
    }

    start(check) {
        this.run((signal) => this.check(check, signal));
    }

    // Runs one task at a time: aborts the previous one, whose result is then not shown.
    async run(task) {
        this.clear();
        const running = new AbortController();
        this.running = running;
        this.form.setBusy(true);
        await task(running.signal);
        if (!running.signal.aborted) this.form.setBusy(false);
    }

    async check(check, signal) {
        this.output.show("info", `Checking ${check.event}…`);
        try {
            const result = await checkEvent(this.slug, check, signal);
            if (!signal.aborted) this.output.showResult(result, check);
        } catch (error) {
            if (!signal.aborted) this.rejected(error, "The check failed.", () => this.start(check), false);
        }
    }

    rejected(error, title, retry, isTest) {
        this.clear();
        if (error.status === 409 && Array.isArray(error.body?.steps)) {
            this.output.show("bad", error.message);
            this.output.showSteps(error.body.steps);
        } else if (error.kind === "invalid" && this.form.showFieldError(error.message)) {
            this.output.show("bad", error.message);
        } else if (error.isTransient || error.kind === "signed-out") {
            this.output.showFailure(error, title, retry);
        } else {
            this.output.showError(title, rejection(error, isTest));
        }
    }

    clear() {
        this.running?.abort();
        this.form.setBusy(false);
        this.output.clear();
    }
}

// check: { event, organization, project }. Returns { wouldBeDelivered, steps: [{ step, result, text }] }.
async function checkEvent(slug, { event, organization, project }, signal) {
    const parameters = { eventType: event, organizationSlug: organization, project };
    return (await get(appPath(slug, "why/"), parameters, signal)).data;
}

function rejection(error, isTest) {
    if (error.kind === "forbidden" && !isTest) return error.message;
    return rejectionText(error, {
        forbidden: "A test event requires org:write in the organization that owns the app.",
        unsupported: "This server does not have this function in its API. Use “hookline why” on the server.",
    });
}
