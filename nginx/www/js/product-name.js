// The name of this program, which is a setting (HOOKLINE_PRODUCT_NAME).

import { get } from "/js/api.js";

let name = "Hookline";
let title = "";

export function setTitle(text) {
    title = text;
    document.title = `${title} – ${name}`;
}

// text: undefined where the responder is of an older version.
export function showProductName(text) {
    if (!text || text === name) return;
    name = text;
    for (const brand of document.querySelectorAll(".brand")) brand.textContent = name;
    setTitle(title || document.title.split(" – ")[0]);
}

// Without a response the name stays as it is: nothing else of the page depends on it.
export async function loadProductName() {
    try {
        showProductName((await get("/api/0/hookline/info/")).data.name);
    } catch {
        // See above.
    }
}
