// Buttons that copy a text to the clipboard and say so.

import { element } from "/js/element.js";

// Whether the text was copied. Browsers have navigator.clipboard only on pages with TLS and on localhost.
async function copyText(text) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        return copySelection(text);
    }
}

// Selects the text in a field of its own and gives the focus back.
function copySelection(text) {
    const before = document.activeElement;
    const field = element("textarea", { class: "visually-hidden", readonly: true, "aria-label": "Text to copy" });
    field.value = text;
    document.body.append(field);
    field.select();
    let isCopied = false;
    try {
        isCopied = document.execCommand("copy");
    } catch {
        // Not allowed.
    }
    field.remove();
    before?.focus();
    return isCopied;
}

// An element that copy buttons report to, for screen readers too.
export const copyStatus = () => element("span", { class: "copy-status muted", role: "status" });

// subject: what is copied, for the report. text: a function that returns it. status: see copyStatus().
export function copyButton(label, subject, text, status) {
    return element("button", {
        type: "button", class: "small",
        onclick: async () => {
            // The same text again would not be announced.
            status.textContent = "";
            const isCopied = await copyText(text());
            setTimeout(() => {
                status.textContent = isCopied ? `Copied: ${subject}.` : "The browser does not allow to copy.";
            });
        },
    }, label);
}
