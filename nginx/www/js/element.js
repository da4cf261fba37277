// Makes elements. Everything that comes from the API becomes text: nothing here, and nothing in the other modules, parses
// markup (the site's policy forbids it, too).

// element("td", { class: "time", title: "…" }, "text", child, …): true sets an attribute without a value; false, null and
// undefined leave it out; a function listens to the event of its name ("onclick").
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

// The element of the page with this id; a page without it is broken, and says so at once.
export function byId(id) {
    const node = document.getElementById(id);
    if (!node) throw new Error(`the page has no element #${id}`);
    return node;
}

// A shape that says the same as its colour; see .mark in style.css. The words stand beside it.
export function mark(tone) {
    return element("span", { class: `mark mark-${tone}`, "aria-hidden": "true" });
}

// A short state with its mark: badge("bad", "failing").
export function badge(tone, text, title) {
    return element("span", { class: `badge badge-${tone}`, title }, mark(tone), text);
}
