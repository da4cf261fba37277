// How an app fares, as health/ says it.

import { badge } from "/js/element.js";
import { count } from "/js/numbers.js";

const states = {
    fine: ["good", "fine", "Webhooks arrive."],
    failing: ["bad", "failing", "At least half of the latest webhooks have failed."],
    silent: ["none", "silent", "Nothing was sent in the last seven days."],
    disabled: ["bad", "disabled", "The app is disabled: nothing is sent to it."],
};

export function healthBadge(health) {
    if (!health) return badge("none", "unknown", "The server does not tell.");
    const [tone, word, sentence] = states[health.status] ?? ["none", String(health.status), ""];
    return badge(tone, word, sentence);
}

// How many requests failed in the last day; with a plus where the log has forgotten a part of that day.
export function failedText(health) {
    const isLess = health.completeSince && Date.parse(health.completeSince) > Date.now() - 86_400_000;
    return `${count(health.errors24h)}${isLess && health.errors24h > 0 ? "+" : ""}`;
}
