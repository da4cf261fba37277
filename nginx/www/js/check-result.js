// The result of “Check an event”: a verdict and the steps.

import { badge, element } from "/js/element.js";

const results = { ok: ["good", "ok"], problem: ["bad", "problem"], note: ["none", "note"] };

export function verdict({ wouldBeDelivered, steps }, { event, organization }) {
    const subject = organization ? `${event} of ${organization}` : event;
    if (wouldBeDelivered) return `Yes: the app would receive ${subject}.`;
    const problems = steps.filter(({ result }) => result === "problem").map(({ step }) => step);
    return `No: the app would not receive ${subject}. Problems: ${problems.join(", ")}.`;
}

export function stepList(steps) {
    return element("ol", { class: "steps", "aria-label": "Delivery steps" }, steps.map(stepItem));
}

function stepItem({ step, result, text }) {
    const [tone, label] = results[result] ?? ["none", String(result)];
    return element("li", { class: `step step-${tone}` },
        element("span", { class: "step-result" }, badge(tone, label)),
        element("strong", { class: "step-name" }, step),
        element("span", { class: "step-text" }, text));
}
