// How long a former secret or key pair stays valid.

import { element } from "/js/element.js";

const choices = [
    [86_400, "1 day"], [3600, "1 hour"], [7 * 86_400, "7 days"], [30 * 86_400, "30 days"], [0, "not at all"],
];

// A field with a label: { field, seconds: a function, phrase: a function }. phrase: what
// becomes of the former one, "stays valid for 1 day".
export function overlapField(id, label) {
    const select = element("select", { id }, choices.map(([seconds, text]) => element(
        "option", { value: seconds }, text)));
    return {
        field: element("div", { class: "field" }, element("label", { for: id }, label), select),
        seconds: () => Number(select.value), phrase: () => phrase(select),
    };
}

function phrase(select) {
    return select.value === "0" ? "stops being valid" : `stays valid for ${select.selectedOptions[0].textContent}`;
}
