// A body of a request or a response: as it was sent or, if it is JSON, indented.

import { copyButton } from "/js/copy.js";
import { element } from "/js/element.js";
import { indented, isJSON } from "/js/json-text.js";
import { count } from "/js/numbers.js";
import { firstCharacters, visible } from "/js/visible-text.js";

// Longer bodies would make the page slow.
const shownCharacters = 65_536;

// title: such as "Request body". text: null if it is not stored. status: see copyStatus().
export function bodyView(title, { body: text, truncated }, status, absent = "Not stored.") {
    if (text === null) return section(title, [], element("p", { class: "muted" }, absent));
    if (text === "") return section(title, [], element("p", { class: "muted" }, "Empty."));
    const hasJSON = isJSON(text, truncated);
    const isCut = text.length > shownCharacters;
    const beginning = firstCharacters(text, shownCharacters);
    const formatted = hasJSON ? firstCharacters(indented(beginning), 2 * shownCharacters) : beginning;
    const hasInvisible = visible(beginning) !== beginning;
    const content = element("pre", { tabindex: "0", "aria-label": title });
    const show = (shown) => content.replaceChildren(
        visible(shown),
        ...[isCut ? " … not all is shown" : null, truncated ? " … truncated" : null].filter(Boolean)
            .map((end) => element("span", { class: "cut" }, end)));
    show(formatted);
    const tags = [
        hasJSON ? element("span", { class: "tag" }, "JSON") : null,
        truncated ? warning("truncated: the log stores only the beginning") : null,
        isCut ? warning(`the first ${count(beginning.length)} of ${count(text.length)} characters are shown`) : null,
        hasInvisible ? warning("with invisible characters, shown as ⟨U+…⟩") : null,
        hasJSON ? rawButton((isRaw) => show(isRaw ? beginning : formatted)) : null,
        copyButton("Copy body", title.toLowerCase(), () => text, status),
    ];
    return section(title, tags, content);
}

const warning = (text) => element("span", { class: "tag tag-warn" }, text);

function section(title, tags, content) {
    return element("section", {}, element("div", { class: "part-head" }, element("h3", {}, title), tags), content);
}

function rawButton(show) {
    const button = element("button", {
        type: "button", class: "small", "aria-pressed": "false",
        onclick: () => {
            const isRaw = button.getAttribute("aria-pressed") !== "true";
            button.setAttribute("aria-pressed", String(isRaw));
            show(isRaw);
        },
    }, "Raw");
    return button;
}
