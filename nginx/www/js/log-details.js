// The panel of an open row: explanation, fields, headers, bodies and buttons.

import { badge, element } from "/js/element.js";
import { duration } from "/js/numbers.js";
import { hasDetails, outcome } from "/js/outcome.js";
import { decodeBody } from "/js/stored-body.js";
import { fullTime, parseDate, utcText } from "/js/times.js";

// The part that the row itself contains. actions: { redeliver(row, button, status), showEvent(id) }.
export function details(logRow, actions) {
    const { row, date } = logRow;
    const fields = [
        ["Sent", date ? fullTime(date) : row.date],
        ["UTC", date ? utcText(date) : null],
        ["Event", row.eventType],
        ["Organization", row.organization ? `${row.organization.name} (${row.organization.slug})` : null],
        ["Duration", typeof row.durationMs === "number" ? duration(row.durationMs) : null],
        ["Attempt", row.attempt ?? null],
        ["Webhook URL", code(row.webhookUrl), "is-wide"],
        ["Request ID", row.requestId ? code(row.requestId) : null, "is-wide"],
        ["Redelivery of", row.originalId ? linkTo(row.originalId, actions.showEvent) : null, "is-wide"],
    ];
    return element("div", { class: "panel-body" },
        element("p", { class: `verdict verdict-${logRow.outcome.tone}` }, logRow.outcome.text),
        element("dl", { class: "facts" }, fields.filter(([, value]) => value !== null && value !== undefined)
            .map(([name, value, shape]) => element("div", { class: shape },
                element("dt", {}, name), element("dd", {}, value)))),
        buttons(row, actions),
        element("div", { class: "details-notice", role: "alert", hidden: true }),
        element("div", { class: "attempts" }),
        element("div", { class: "bodies" }, hasDetails(row) ? null : element(
            "p", { class: "muted" }, "Headers and bodies are stored for failed requests only.")));
}

export const loadingBodies = () => element("p", { class: "muted" }, "Loading headers and bodies…");

// The attempts of the event, unless the row's is the only one. attempts: see readDetails().
export function attemptList(attempts, row) {
    if (attempts.length < 2) return [];
    const items = attempts.map((attempt) => {
        const date = parseDate(attempt.date);
        const result = outcome(attempt);
        const isShown = attempt.date === row.date && attempt.responseCode === row.responseCode;
        return element("li", { "aria-current": isShown ? "true" : null },
            badge(result.tone, result.label, result.text), ` ${date ? fullTime(date) : attempt.date}`,
            attempt.attempt ? `, attempt ${attempt.attempt}` : "", isShown ? ": this row" : "");
    });
    return [element("h3", {}, `All ${attempts.length} attempts of this event`), element("ul", {}, items)];
}

// The part that may have to be loaded when the row is opened. parts: see readDetails().
export function bodies(parts) {
    if (parts === null) {
        return [element("p", { class: "muted" }, "The log has dropped this request in favor of newer ones.")];
    }
    return [
        element("div", {},
            body("Response body", parts.response, parts.truncated?.includes("response_body")), headers(parts.headers)),
        element("div", {}, body("Request body", parts.request, parts.truncated?.includes("request_body"))),
    ];
}

function headers(stored) {
    const entries = Object.entries(stored ?? {});
    const list = element("dl", { class: "headers" }, entries.map(([name, value]) => element(
        "div", {}, element("dt", {}, name), element("dd", {}, String(value)))));
    return element("section", {}, element("h3", {}, "Request headers"), entries.length > 0 ? list : nothing());
}

function body(title, stored, isTruncated) {
    const decoded = decodeBody(stored, isTruncated);
    const heading = element("h3", {}, title,
        decoded?.isJSON ? element("span", { class: "tag" }, "JSON") : null,
        decoded?.isTruncated
            ? element("span", { class: "tag tag-warn" }, "truncated: the log stores only the beginning") : null);
    if (decoded === null) return element("section", {}, heading, nothing());
    if (decoded.text === "") return element("section", {}, heading, element("p", { class: "muted" }, "Empty."));
    return element("section", {}, heading, element(
        "pre", { tabindex: "0", "aria-label": title }, decoded.text,
        decoded.isTruncated ? element("span", { class: "cut" }, " … truncated") : null));
}

const nothing = () => element("p", { class: "muted" }, "Not stored.");
const code = (text) => (text ? element("code", {}, text) : null);

function linkTo(id, showEvent) {
    return element("button", { type: "button", class: "link", onclick: () => showEvent(id) }, element("code", {}, id));
}

function buttons(row, actions) {
    if (!row.requestId) {
        return element("p", { class: "muted" }, "This row has no request ID, so the event cannot be redelivered.");
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
        status);
}
