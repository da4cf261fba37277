// How an app fares, as health/ says it.

import { badge } from "/js/element.js";

const states = {
    fine: ["good", "fine", "Webhooks arrive."],
    failing: ["bad", "failing", "Most of the webhooks of the last day have failed."],
    silent: ["none", "silent", "Nothing was sent in the last seven days."],
    disabled: ["bad", "disabled", "The app is disabled: nothing is sent to it."],
};

export function healthBadge(health) {
    if (!health) return badge("none", "unknown", "The server does not tell.");
    const [tone, word, sentence] = states[health.status] ?? ["none", String(health.status), ""];
    return badge(tone, word, sentence);
}

const reasons = {
    gone: "its server answered 410: gone",
    "too-many-timeouts": "too many time-outs",
    "errors-every-day": "errors on each of many days",
    operator: "by an operator",
};

export function disabledReason(health) {
    return reasons[health.disabledReason] ?? health.disabledReason ?? "the reason is not known";
}
