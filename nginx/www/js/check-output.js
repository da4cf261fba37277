// The output area of “Check an event”: a verdict and the steps.

import { badge, byId, element } from "/js/element.js";
import { Notice, showFailure } from "/js/notice.js";

const results = {
    ok: ["good", "ok"], problem: ["bad", "problem"], warning: ["warn", "warning"], note: ["none", "note"],
};

const warnings = (steps) => steps.filter(({ result }) => result === "warning").map(({ text }) => text);

function verdictTone({ wouldBeDelivered, steps }) {
    if (!wouldBeDelivered) return "bad";
    return warnings(steps).length > 0 ? "warn" : "good";
}

function verdict({ wouldBeDelivered, steps }, { event, organization }) {
    const subject = organization ? `${event} of ${organization}` : event;
    const reasons = warnings(steps).join("; ");
    if (wouldBeDelivered && reasons) return `Later: the app would receive ${subject}, but ${reasons}.`;
    if (wouldBeDelivered) return `Yes: the app would receive ${subject}.`;
    const problems = steps.filter(({ result }) => result === "problem").map(({ step }) => step);
    return `No: the app would not receive ${subject}. Problems: ${problems.join(", ")}.`;
}

function stepList(steps) {
    return element("ol", { class: "steps", "aria-label": "Delivery steps" }, steps.map(stepItem));
}

function stepItem({ step, result, text }) {
    const [tone, label] = results[result] ?? ["none", String(result)];
    return element("li", { class: `step step-${tone}` },
        element("span", {}, badge(tone, label)),
        element("strong", { class: "step-name" }, step),
        element("span", { class: "step-text" }, text));
}

export class CheckOutput {
    constructor() {
        this.notice = new Notice(byId("check-notice"));
    }

    // Screen readers announce the text, so keep it short. actions: [{ text, run }] become buttons.
    show(tone, text, actions = []) {
        const status = byId("check-verdict");
        status.className = `verdict verdict-${tone}`;
        status.textContent = text;
        byId("check-actions").replaceChildren(...actions.map(button));
    }

    // The result of a check.
    showResult(result, check) {
        this.show(verdictTone(result), verdict(result, check));
        this.showSteps(result.steps);
    }

    showSteps(steps) {
        byId("check-steps").replaceChildren(stepList(steps));
    }

    // actions: as in notice.js.
    showError(title, text, actions = []) {
        this.clear();
        this.notice.show("bad", title, text, actions);
    }

    showFailure(error, title, retry) {
        this.clear();
        showFailure(this.notice, error, title, retry);
    }

    clear() {
        this.notice.clear();
        this.show("info", "");
        byId("check-steps").replaceChildren();
    }
}

function button({ text, run }) {
    return element("button", { type: "button", onclick: run }, text);
}
