// The answer to “would the app get this event”: the steps of its way, each with what was found.

import { badge, element } from "/js/element.js";

const results = { ok: ["good", "ok"], problem: ["bad", "problem"], note: ["none", "note"] };

export function verdict({ wouldBeDelivered, steps }, { event, organization }) {
    const what = organization ? `${event} of ${organization}` : event;
    if (wouldBeDelivered) return `Yes: the app would get ${what}.`;
    const problems = steps.filter(({ result }) => result === "problem").map(({ step }) => step);
    return `No: the app would not get ${what}. In the way: ${problems.join(", ")}.`;
}

export function stepList(steps) {
    return element("ol", { class: "steps", "aria-label": "Steps of the event's way" }, steps.map(stepItem));
}

function stepItem({ step, result, text }) {
    const [tone, word] = results[result] ?? ["none", String(result)];
    return element("li", { class: `step step-${tone}` },
        element("span", { class: "step-result" }, badge(tone, word)),
        element("strong", { class: "step-name" }, step),
        element("span", { class: "step-text" }, text));
}
