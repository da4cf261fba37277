// A button that asks before it acts: a question with two buttons replaces it meanwhile.

import { element, whileBusy } from "/js/element.js";

// question: a function that returns the text. run: an async function. isDanger: the action destroys something.
// Returns an element.
export function confirmButton({ text, question, confirm = text, run, isDanger = false, name = null }) {
    const box = element("div", { class: "confirm" });
    const button = element("button", {
        type: "button", class: isDanger ? "danger" : null, "aria-label": name, onclick: () => ask(box, {
            question: question(), confirm, isDanger,
            cancel: () => {
                box.replaceChildren(button);
                button.focus();
            },
            run: async () => {
                const hadFocus = box.contains(document.activeElement);
                await run();
                box.replaceChildren(button);
                // run() may have moved the focus to its result.
                if (hadFocus && document.activeElement === document.body && box.isConnected) button.focus();
            },
        }),
    }, text);
    box.append(button);
    return box;
}

// Shows a question with two buttons in a box. confirm: the text of the one that calls run, an async function. The other
// one and Escape call cancel.
export function ask(box, { question, confirm, run, cancel, isDanger = false }) {
    const yes = element("button", {
        type: "button", class: isDanger ? "danger" : "primary", onclick: () => whileBusy([yes, no], run),
    }, confirm);
    // What runs cannot be cancelled.
    const close = () => { if (no.getAttribute("aria-disabled") !== "true") cancel(); };
    const no = element("button", { type: "button", onclick: close }, "Cancel");
    const group = element("div", { class: "question", role: "group", "aria-label": question },
        element("span", {}, question), yes, no);
    group.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
    box.replaceChildren(group);
    // Not the dangerous one: a second press of Enter must not be enough.
    no.focus();
}
