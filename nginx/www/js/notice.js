// A message in its place on the page: what happened, and what can be done about it.

import { element, mark } from "/js/element.js";

export class Notice {
    // place: an element that stands in the page from the start, so that screen readers know it before it speaks.
    constructor(place) {
        this.place = place;
    }

    // actions: [{ text, run }] become buttons, [{ text, href }] links.
    show(tone, title, sentence = "", actions = []) {
        const box = element(
            "div", { class: `notice notice-${tone}` }, mark(tone === "info" ? "none" : tone),
            element("div", { class: "notice-words" },
                element("strong", {}, title), sentence ? element("p", {}, sentence) : null),
            actions.length > 0 ? element("div", { class: "notice-actions" }, actions.map(Notice.action)) : null);
        this.place.replaceChildren(box);
        this.place.hidden = false;
    }

    clear() {
        this.place.replaceChildren();
        this.place.hidden = true;
    }

    static action({ text, run, href }) {
        return href ? element("a", { class: "button", href }, text)
            : element("button", { type: "button", onclick: run }, text);
    }
}

// What to show of a failed call, wherever it happened. retry: a function, or nothing.
export function showFailure(notice, error, title, retry = null) {
    if (error.kind === "signed-out") {
        // The page itself asks for the password, or leads to the single sign-on; the address keeps the view.
        notice.show("bad", "You are no longer signed in.", "Sign in again to go on; this view stays as it is.",
            [{ text: "Sign in again", run: () => window.location.reload() }]);
        return;
    }
    notice.show("bad", title, error.message, retry ? [{ text: "Try again", run: retry }] : []);
}
