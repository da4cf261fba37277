// The health of an app, from the endpoint health/.

import { badge } from "/js/element.js";
import { count } from "/js/numbers.js";

const states = {
    fine: ["good", "fine", "Less than half of the latest requests failed."],
    failing: ["bad", "failing", "At least half of the latest requests failed."],
    silent: ["none", "silent", "There was no request for days."],
    disabled: ["bad", "disabled", "The app is disabled. It receives no webhooks."],
};

export function healthBadge(health) {
    if (!health) return badge("none", "unknown", "The server does not report the health of this app.");
    const [tone, label, description] = states[health.status] ?? ["none", String(health.status), ""];
    return badge(tone, label, description);
}

// The number of requests that failed in the last 24 hours, followed by a plus if the log does not cover all of them.
export function failedText(health) {
    const isIncomplete = health.completeSince && Date.parse(health.completeSince) > Date.now() - 86_400_000;
    return `${count(health.errors24h)}${isIncomplete && health.errors24h > 0 ? "+" : ""}`;
}
