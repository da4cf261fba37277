// The name of this program, which is a setting (HOOKLINE_PRODUCT_NAME).

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
