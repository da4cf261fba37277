// The messages of the API beside the fields that they are about.

// A message about a field inside "hookline": its name, the place of one of several values, and the rest.
const innerField = /^(\w+)(?:\[\d+\])?((?:\.[^:]*)?: .*)$/s;

// form: has places for errors. body: the body of a response with status 400, { field: [message] }; messages about
// "hookline" begin with the name of a field in it. Returns the messages that belong to no field.
export function showFieldErrors(form, body) {
    clearFieldErrors(form);
    const others = [];
    for (const [name, messages] of Object.entries(body ?? {})) {
        for (const message of Array.isArray(messages) ? messages : [String(messages)]) {
            const [, inner, rest] = innerField.exec(name === "hookline" ? message : "") ?? [];
            const place = form.querySelector(`[data-field="${CSS.escape(inner ?? name)}"]`);
            if (place) add(form, place, inner ? innerMessage(message, rest) : message);
            else others.push(name === "non_field_errors" ? message : `${name}: ${message}`);
        }
    }
    form.querySelector("[aria-invalid=true]")?.focus();
    return others;
}

// Where the message is about a part of one of several values, it says which.
const innerMessage = (message, rest) => (rest.startsWith(".") ? message : rest.slice(": ".length));

// One message of the page's own.
export function showFieldError(form, name, message) {
    showFieldErrors(form, { [name]: [message] });
}

export function clearFieldErrors(form) {
    for (const place of form.querySelectorAll(".field-error")) {
        place.hidden = true;
        place.textContent = "";
    }
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

function add(form, place, message) {
    place.hidden = false;
    place.textContent = [place.textContent, message].filter(Boolean).join(" ");
    for (const field of form.querySelectorAll(`[aria-describedby~="${CSS.escape(place.id)}"]`)) {
        field.setAttribute("aria-invalid", "true");
    }
}
