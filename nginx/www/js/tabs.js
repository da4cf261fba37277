// Tabs: one tab stop, arrow keys, Home and End select (the “Tabs” pattern of the ARIA Authoring Practices Guide).

import { element } from "/js/element.js";

let lastId = 0;

// label: the name of the list of tabs. tabs: [{ name, content: nodes }]. selected: the index of the first selection.
export function tabs(label, entries, selected = 0) {
    lastId += 1;
    const id = `tabs-${lastId}`;
    const buttons = entries.map(({ name }, index) => element("button", {
        type: "button", role: "tab", class: "tab", id: `${id}-tab-${index}`, "aria-controls": `${id}-panel-${index}`,
        onclick: () => select(index),
    }, name));
    const panels = entries.map(({ content }, index) => element("div", {
        role: "tabpanel", class: "tab-panel", id: `${id}-panel-${index}`, "aria-labelledby": `${id}-tab-${index}`,
        tabindex: "0",
    }, content));
    const select = (chosen) => {
        buttons.forEach((button, index) => {
            button.setAttribute("aria-selected", String(index === chosen));
            button.tabIndex = index === chosen ? 0 : -1;
            panels[index].hidden = index !== chosen;
        });
    };
    const keydown = (event) => {
        const index = buttons.indexOf(event.target);
        const last = buttons.length - 1;
        const next = {
            ArrowRight: index === last ? 0 : index + 1, ArrowLeft: index === 0 ? last : index - 1, Home: 0, End: last,
        }[event.key];
        if (index === -1 || next === undefined) return;
        event.preventDefault();
        select(next);
        buttons[next].focus();
    };
    select(selected);
    return [element("div", { role: "tablist", class: "tabs", "aria-label": label, onkeydown: keydown }, buttons),
        ...panels];
}
