// A message in a fixed place on the page, with buttons or links.

import { element, mark } from "/js/element.js";

export class Notice {
    // container: an element that is in the page from the start, so that screen readers announce its changes.
    constructor(container) {
        this.container = container;
    }

    // actions: [{ text, run }] become buttons, [{ text, href }] links.
    show(tone, title, text = "", actions = []) {
        const box = element(
            "div", { class: `notice notice-${tone}` }, mark(tone === "info" ? "none" : tone),
            element("div", { class: "notice-text" },
                element("strong", {}, title), text ? element("p", {}, text) : null),
            actions.length > 0 ? element("div", {}, actions.map(Notice.action)) : null);
        this.container.replaceChildren(box);
        this.container.hidden = false;
    }

    clear() {
        this.container.replaceChildren();
        this.container.hidden = true;
    }

    static action({ text, run, href }) {
        return href ? element("a", { class: "button", href }, text)
            : element("button", { type: "button", onclick: run }, text);
    }
}

// Shows a failed call. retry: a function, or null.
export function showFailure(notice, error, title, retry = null) {
    if (error.kind === "signed-out") {
        // Reloading the page asks for the password, or redirects to the single sign-on. The URL restores the view.
        notice.show(
            "bad", "Your sign-in has expired.", "Sign in again to continue. The page reloads with the same view.",
            [{ text: "Sign in again", run: () => window.location.reload() }]);
        return;
    }
    // Trying again would not help without the permission.
    const actions = retry && error.kind !== "forbidden" ? [{ text: "Try again", run: retry }] : [];
    notice.show("bad", title, error.message, actions);
}
