// The output area of “Check an event”.

import { stepList } from "/js/check-result.js";
import { byId, element } from "/js/element.js";
import { Notice, showFailure } from "/js/notice.js";

export class CheckOutput {
    constructor() {
        this.notice = new Notice(byId("check-notice"));
    }

    // Screen readers announce the text, so keep it short. actions: [{ text, run }] become buttons.
    show(tone, text, actions = []) {
        const status = byId("check-verdict");
        status.className = `verdict verdict-${tone}`;
        status.textContent = text;
        byId("check-actions").replaceChildren(...actions.map(button));
    }

    showSteps(steps) {
        byId("check-steps").replaceChildren(stepList(steps));
    }

    // actions: as in notice.js.
    showError(title, text, actions = []) {
        this.clear();
        this.notice.show("bad", title, text, actions);
    }

    showFailure(error, title, retry) {
        this.clear();
        showFailure(this.notice, error, title, retry);
    }

    clear() {
        this.notice.clear();
        this.show("info", "");
        byId("check-steps").replaceChildren();
    }
}

function button({ text, run }) {
    return element("button", { type: "button", onclick: run }, text);
}
