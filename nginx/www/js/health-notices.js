// What keeps an app from getting webhooks although it is enabled: an open circuit breaker; that nothing was sent for
// days, and what is known of the cause.

import { badge, byId } from "/js/element.js";
import { Notice } from "/js/notice.js";
import { ago, clockTime, dayUnlessToday, fullTime, parseDate } from "/js/times.js";

// Null unless the circuit breaker is open.
export function breakerBadge(health) {
    const end = health.breaker === "open" ? breakerEnd(health) : null;
    if (!end) return null;
    return badge(
        "warn", "breaker open", `The circuit breaker is open until ${clockTime(end)}. Webhooks are held back.`);
}

// When the state of the app's circuit breaker ends. Null if it is closed, if there is none, or if the state has ended.
function breakerEnd(health) {
    if (!["open", "recovering"].includes(health.breaker)) return null;
    const end = parseDate(health.breakerUntil);
    return end && end > new Date() ? end : null;
}

export class HealthNotices {
    constructor(slug) {
        this.slug = slug;
        this.places = ["breaker-notice", "silence-notice"].map((id) => new Place(byId(id)));
    }

    show(health) {
        const [breaker, silence] = this.places;
        byId("app-breaker").replaceChildren(...[breakerBadge(health)].filter(Boolean));
        breaker.show(breakerNotice(health, this.slug));
        silence.show(silenceNotice(health));
    }

    clear() {
        for (const place of this.places) place.show(null);
    }
}

// Changes only when its content does, so that screen readers do not announce it with each refresh.
class Place {
    constructor(container) {
        this.notice = new Notice(container);
        this.shown = "null";
    }

    // content: [tone, title, text, actions], or null.
    show(content) {
        const key = JSON.stringify(content && content.slice(0, 3));
        if (key === this.shown) return;
        this.shown = key;
        if (content) this.notice.show(...content);
        else this.notice.clear();
    }
}

function breakerNotice(health, slug) {
    const end = breakerEnd(health);
    if (!end) return null;
    const time = [dayUnlessToday(end), clockTime(end)].filter(Boolean).join(", ");
    const failed = [{
        text: "Show failed requests", href: `/app.html?${new URLSearchParams({ app: slug, errors: "1" })}`,
    }];
    if (health.breaker === "open") {
        return [
            "warn", `Webhooks are held back until ${time}: the circuit breaker of this app is open.`,
            "Too many of its requests have failed or reached their deadline. Its events are kept and sent when the "
                + "circuit breaker closes, which it does by itself.", failed];
    }
    return [
        "info", "The circuit breaker of this app was open. Webhooks are sent again.",
        `Until ${time}, fewer failures than usual open it again.`, failed];
}

function silenceNotice({ silence }) {
    const last = parseDate(silence?.lastRequest);
    if (!last) return null;
    const causes = silence.causes.map(({ text }) => `${sentence(text)}.`).join(" ");
    const unsent = parseDate(silence.lastUnsentEvent);
    const text = [
        causes || "No cause is known: the rules would let an event through now.",
        unsent ? `The last event that was accepted and not sent: ${fullTime(unsent)}.` : "",
    ].filter(Boolean).join(" ");
    return [
        "warn", `Nothing was sent to this app since ${fullTime(last)} (${ago(last)}).`, text,
        [{ text: "Check an event", run: openCheck }]];
}

function sentence(text) {
    return text.charAt(0).toUpperCase() + text.slice(1);
}

function openCheck() {
    byId("check").open = true;
    byId("check-event").focus();
}
