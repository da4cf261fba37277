// The panel of an open row: explanation, fields, buttons, attempts, and the request and response of one of them.

import { badge, element } from "/js/element.js";
import { eraseButton } from "/js/erase.js";
import { exchangeView } from "/js/exchange-view.js";
import { isStored } from "/js/log-source.js";
import { duration } from "/js/numbers.js";
import { hasDetails, outcome } from "/js/outcome.js";
import { ago, fullTime, parseDate, utcText } from "/js/times.js";
import { visibleLine } from "/js/visible-text.js";

// The part that the row itself contains.
// actions: { redeliver(row, button, status), erase(row, status), showEvent(id) }.
export function details(logRow, actions) {
    const { row, date } = logRow;
    const fields = [
        ["Sent", date ? fullTime(date) : row.date],
        ["UTC", date ? utcText(date) : null],
        ["Event", visibleLine(row.eventType)],
        ["Organization", row.organization
            ? visibleLine(`${row.organization.name} (${row.organization.slug})`) : null],
        ["Duration", typeof row.durationMs === "number" ? duration(row.durationMs) : null],
        ["Attempt", row.attempt ?? null],
        ["Webhook URL", code(row.webhookUrl), "is-wide"],
        ["Request ID", row.requestId ? code(row.requestId) : null, "is-wide"],
        ["Redelivery of", row.originalId ? linkTo(row.originalId, actions.showEvent) : null, "is-wide"],
    ];
    return element("div", { class: "panel-body" },
        element("p", { class: `verdict verdict-${logRow.outcome.tone}` }, visibleLine(logRow.outcome.text)),
        element("dl", { class: "facts" }, fields.filter(([, value]) => value !== null && value !== undefined)
            .map(([name, value, shape]) => element("div", { class: shape },
                element("dt", {}, name), element("dd", {}, value)))),
        buttons(row, actions),
        element("div", { class: "details-notice", role: "alert", hidden: true }),
        element("p", { class: "event-state", role: "status", hidden: true }),
        element("div", { class: "attempts" }),
        element("div", { class: "redeliveries" }),
        element("div", { class: "exchange" }, isLoaded(row) ? null : notStored()));
}

const stateTexts = {
    waiting: () => "The event waits for a worker.",
    in_progress: () => "A worker is sending the event now.",
    scheduled: ({ nextAttempt, attempt }) => {
        const date = parseDate(nextAttempt);
        return `Attempt ${attempt} follows${date ? ` at ${fullTime(date)}, ${ago(date)}` : ""}.`;
    },
    delivered: ({ attempt }) => `The event was delivered${attempt > 1 ? ` by attempt ${attempt}` : ""}.`,
    failed: () => "The event was not delivered. No attempt follows.",
    dead_letter: ({ reason }) => [
        "The event is a ", element("a", { href: "#dead-letters" }, "dead letter"), deadText(reason ?? ""),
    ],
    dropped: ({ reason }) => `The event was dropped: ${visibleLine(reason)}.`,
};

// "attempt 4 of 4 failed: 500", as the server says it, becomes a part of a sentence.
function deadText(reason) {
    const [, attempt, detail] = /^(attempt \d+ of \d+ failed): (.+)$/.exec(reason) ?? [];
    return attempt ? `, because ${attempt} (${visibleLine(detail)}).` : `: ${visibleLine(reason)}`;
}

// What has become of the event, and what follows; nothing where that is not known, or where the row itself says it.
export function showState(place, state, { tone }) {
    const isSaid = state?.name === "delivered" && tone === "good";
    const text = isSaid ? "" : stateTexts[state?.name]?.(state) ?? "";
    place.replaceChildren(...[text].flat());
    place.hidden = place.textContent === "";
}

// Whether opening the row loads more than the row itself.
export const isLoaded = (row) => Boolean(row.requestId) || hasDetails(row);

const notStored = () => element("p", { class: "muted" }, "Headers and bodies of this request are not stored.");

export const loadingBodies = () => element("p", { class: "muted" }, "Loading headers and bodies…");

// The attempts of the event, unless the row's is the only one. show: called with an attempt to show instead.
export function attemptList({ attempts, shown }, show) {
    if (attempts.length < 2) return [];
    const items = attempts.map((attempt) => {
        const date = parseDate(attempt.date);
        const result = outcome(attempt);
        const button = isStored(attempt) ? element("button", {
            type: "button", class: "link", onclick: () => {
                mark(button.parentElement);
                show(attempt);
            },
        }, "Show") : null;
        return element("li", {},
            badge(result.tone, result.label, result.text), ` ${date ? fullTime(date) : attempt.date}`,
            attempt.attempt ? `, attempt ${attempt.attempt}` : "", " ", button,
            element("span", { class: "current", tabindex: "-1" }, "this one"));
    });
    // The one that is shown has no button; the focus must not get lost with it.
    const mark = (current) => {
        const hadFocus = current.contains(document.activeElement);
        for (const item of items) {
            const isCurrent = item === current;
            if (isCurrent) item.setAttribute("aria-current", "true");
            else item.removeAttribute("aria-current");
            for (const button of item.querySelectorAll("button")) button.hidden = isCurrent;
            item.querySelector(".current").hidden = !isCurrent;
        }
        if (hadFocus) current.querySelector(".current").focus();
    };
    mark(items[attempts.indexOf(shown)]);
    return [element("h3", {}, `All ${attempts.length} attempts of this event`), element("ul", {}, items)];
}

// showEvent: shows a redelivery in the log.
export function redeliveryList({ redeliveries }, showEvent) {
    if (redeliveries.length === 0) return [];
    const items = redeliveries.map(({ id, date }) => {
        const time = parseDate(date);
        return element("li", {}, linkTo(id, showEvent), time ? ` ${fullTime(time)}` : "");
    });
    return [element("h3", {}, "Redeliveries"), element("ul", {}, items)];
}

// Headers and bodies. attempt: see readDetails().
export function exchange(attempt, row) {
    if (attempt === null && hasDetails(row)) {
        return [element("p", { class: "muted" }, "The log has dropped this request in favor of newer ones.")];
    }
    if (attempt === null || (!isStored(attempt) && !hasDetails(attempt))) return [notStored()];
    return exchangeView(attempt);
}

const code = (text) => (text ? element("code", {}, visibleLine(text)) : null);

function linkTo(id, showEvent) {
    return element("button", { type: "button", class: "link", onclick: () => showEvent(id) }, code(id));
}

function buttons(row, actions) {
    if (!row.requestId) {
        return element(
            "p", { class: "muted" }, "This row has no request ID, so the event cannot be redelivered or erased.");
    }
    const status = element("span", { class: "action-status", role: "status" });
    const redeliver = element(
        "button", {
            type: "button", class: "primary needs-write", onclick: () => actions.redeliver(row, redeliver, status),
        },
        "Redeliver");
    return element("div", { class: "panel-actions" }, redeliver, element(
        "span", { class: "muted read-only-note" },
        "Redelivery requires org:write in the organization that owns the app."),
        element("button", { type: "button", onclick: () => actions.showEvent(row.requestId) }, "Show all attempts"),
        eraseButton(row, () => actions.erase(row, status)), element(
            "span", { class: "muted no-erase-note" },
            "Erasing requires org:admin in the organization that owns the app."),
        status);
}
