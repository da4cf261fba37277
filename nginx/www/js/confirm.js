// A button that asks before it acts: a question with two buttons replaces it meanwhile.

import { element } from "/js/element.js";

// question: a function that returns the text. run: an async function. isDanger: the action destroys something.
// Returns an element.
export function confirmButton({ text, question, confirm = text, run, isDanger = false, name = null }) {
    const box = element("div", { class: "confirm" });
    const button = element("button", {
        type: "button", class: isDanger ? "danger" : null, "aria-label": name, onclick: () => ask(),
    }, text);
    const reset = () => {
        box.replaceChildren(button);
        button.focus();
    };
    const ask = () => {
        const yes = element("button", {
            type: "button", class: isDanger ? "danger" : "primary",
            onclick: async () => {
                if (yes.getAttribute("aria-disabled") === "true") return;
                yes.setAttribute("aria-disabled", "true");
                const hadFocus = box.contains(document.activeElement);
                await run();
                box.replaceChildren(button);
                // run() may have moved the focus to its result.
                if (hadFocus && document.activeElement === document.body && box.isConnected) button.focus();
            },
        }, confirm);
        const group = element("div", { class: "question", role: "group", "aria-label": question() },
            element("span", {}, question()), yes, element("button", { type: "button", onclick: reset }, "Cancel"));
        group.addEventListener("keydown", (event) => { if (event.key === "Escape") reset(); });
        box.replaceChildren(group);
        // Not the dangerous one: a second press of Enter must not be enough.
        group.lastElementChild.focus();
    };
    box.append(button);
    return box;
}
