// Creates elements. All data from the API is inserted as text. No module parses HTML, and the site's Content Security
// Policy forbids it.

// element("td", { class: "time", title: "…" }, "text", child, …): true sets an attribute without a value; false, null
// and undefined omit it; a function becomes an event listener ("onclick").
export function element(name, attributes = {}, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === false || value === null || value === undefined) continue;
        if (typeof value === "function") node.addEventListener(key.slice(2), value);
        else node.setAttribute(key, value === true ? "" : String(value));
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return node;
}

// The element with this id; throws if the page has none.
export function byId(id) {
    const node = document.getElementById(id);
    if (!node) throw new Error(`the page has no element #${id}`);
    return node;
}

// Runs an async function and returns what it gives. Meanwhile the buttons do nothing: another call returns null. They
// keep the focus, which disabled buttons would lose.
export async function whileBusy(buttons, run) {
    if (buttons.some((button) => button.getAttribute("aria-disabled") === "true")) return null;
    for (const button of buttons) button.setAttribute("aria-disabled", "true");
    try {
        return await run();
    } finally {
        for (const button of buttons) button.removeAttribute("aria-disabled");
    }
}

// A shape with the same meaning as the color, for users who cannot distinguish colors; see .mark in style.css.
export function mark(tone) {
    return element("span", { class: `mark mark-${tone}`, "aria-hidden": "true" });
}

// A short state with its mark: badge("bad", "failing").
export function badge(tone, text, title) {
    return element("span", { class: `badge badge-${tone}`, title }, mark(tone), text);
}
