// The health of an app, from the endpoint health/.

import { badge } from "/js/element.js";
import { count } from "/js/numbers.js";
import { clockTime, fullTime, parseDate } from "/js/times.js";

const states = {
    fine: ["good", "fine", "Less than half of the latest requests failed."],
    failing: ["bad", "failing", "At least half of the latest requests failed."],
    silent: ["none", "silent", "There was no request in the last seven days."],
    disabled: ["bad", "disabled", "The app is disabled. It receives no webhooks."],
};

export function healthBadge(health) {
    if (!health) return badge("none", "unknown", "The server does not report the health of this app.");
    const [tone, label, description] = states[health.status] ?? ["none", String(health.status), ""];
    const last = health.status === "silent" ? parseDate(health.silence?.lastRequest) : null;
    return badge(tone, label, last ? `Nothing was sent since ${fullTime(last)}.` : description);
}

// When the state of the app's circuit breaker ends. Null if it is closed, if there is none, or if the state has ended.
export function breakerEnd(health) {
    if (!["open", "recovering"].includes(health?.breaker)) return null;
    const end = parseDate(health.breakerUntil);
    return end && end > new Date() ? end : null;
}

// Null unless the circuit breaker is open.
export function breakerBadge(health) {
    const end = health?.breaker === "open" ? breakerEnd(health) : null;
    if (!end) return null;
    return badge(
        "warn", "breaker open", `The circuit breaker is open until ${clockTime(end)}. Webhooks are held back.`);
}

// The number of requests that failed in the last 24 hours, followed by a plus if the log does not cover all of them.
export function failedText(health) {
    const isIncomplete = health.completeSince && Date.parse(health.completeSince) > Date.now() - 86_400_000;
    return `${count(health.errors24h)}${isIncomplete && health.errors24h > 0 ? "+" : ""}`;
}
