// The request and the response of one attempt, each on a tab.

import { bodyView } from "/js/body-view.js";
import { copyButton, copyStatus } from "/js/copy.js";
import { curlCommand, isMasked } from "/js/curl-command.js";
import { badge, element } from "/js/element.js";
import { outcome } from "/js/outcome.js";
import { tabs } from "/js/tabs.js";
import { firstCharacters, visibleLine } from "/js/visible-text.js";

const shownHeaders = 200;
const shownCharacters = 2048;

// attempt: see readDetails(). The response is selected if there is one that explains a failure.
export function exchangeView(attempt) {
    const status = copyStatus();
    const isRefused = attempt.response.status !== null && outcome(attempt).tone === "bad";
    const [list, ...panels] = tabs("Request and response", [
        { name: "Request", content: requestPart(attempt, status) },
        { name: "Response", content: responsePart(attempt, status) },
    ], isRefused ? 1 : 0);
    return [element("div", { class: "tabs-line" }, list, status), ...panels];
}

function requestPart({ webhookUrl, request }, status) {
    const command = request.headers === null && request.body === null ? null : curlCommand({
        url: webhookUrl, headers: request.headers, body: request.body, isTruncated: request.truncated,
        lacksHeaders: request.headersTruncated,
    });
    return [
        element("p", { class: "first-line" }, element("code", {}, `POST ${visibleLine(webhookUrl ?? "")}`),
            command && copyButton("Copy as curl", "curl command", () => command, status)),
        headerTable("Request headers", request, status),
        bodyView("Request body", request, status),
    ];
}

function responsePart(attempt, status) {
    const { response } = attempt;
    if (response.status === null) {
        return [element("p", { class: "muted" }, "There was no response.")];
    }
    const { tone, text } = outcome(attempt);
    return [
        element("p", { class: "first-line" }, badge(tone, String(response.status)), text),
        headerTable("Response headers", response, status),
        bodyView("Response body", response, status),
    ];
}

function headerTable(title, { headers, headersTruncated }, status) {
    const entries = headers ?? [];
    const heading = element("div", { class: "part-head" }, element("h3", {}, title),
        entries.length > shownHeaders
            ? element("span", { class: "tag tag-warn" }, `the first ${shownHeaders} of ${entries.length} are shown`)
            : null,
        headersTruncated
            ? element("span", { class: "tag tag-warn" }, "truncated: only the first ones are stored") : null,
        entries.length > 0 ? copyButton("Copy headers", title.toLowerCase(),
            () => entries.map(({ name, value }) => `${name}: ${value}\n`).join(""), status) : null);
    if (entries.length === 0) {
        return element("section", {}, heading,
            element("p", { class: "muted" }, headers === null ? "Not stored." : "None."));
    }
    const table = element("table", { class: "headers" },
        element("caption", { class: "visually-hidden" }, title),
        element("tbody", {}, entries.slice(0, shownHeaders).map(({ name, value }) => element("tr", {},
            element("th", { scope: "row" }, beginning(name)), element("td", {}, headerValue(value))))));
    return element("section", {}, heading, element(
        "div", { class: "headers-box", tabindex: "0", role: "group", "aria-label": `${title}, table` }, table));
}

function headerValue(value) {
    if (isMasked(value)) return [`${value.slice(0, 8)} `, element("span", { class: "tag" }, "masked")];
    return beginning(value);
}

function beginning(text) {
    const shown = firstCharacters(text, shownCharacters);
    return [visibleLine(shown), shown === text ? null : element("span", { class: "cut" }, " … not all is shown")];
}
