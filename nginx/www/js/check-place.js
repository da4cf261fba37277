// Where “Check an event” says what it found.

import { stepList } from "/js/check-answer.js";
import { byId, element } from "/js/element.js";
import { Notice, showFailure } from "/js/notice.js";

export class CheckPlace {
    constructor() {
        this.notice = new Notice(byId("check-notice"));
    }

    // Said aloud, so in short; the steps are there to be read. actions: [{ text, run }] become buttons.
    say(tone, text, actions = []) {
        const words = byId("check-verdict");
        words.className = `verdict verdict-${tone}`;
        words.textContent = text;
        byId("check-actions").replaceChildren(...actions.map(button));
    }

    showSteps(steps) {
        byId("check-steps").replaceChildren(stepList(steps));
    }

    // actions, retry: as in notice.js.
    fail(title, sentence, actions = []) {
        this.clear();
        this.notice.show("bad", title, sentence, actions);
    }

    failed(error, title, retry) {
        this.clear();
        showFailure(this.notice, error, title, retry);
    }

    clear() {
        this.notice.clear();
        this.say("info", "");
        byId("check-steps").replaceChildren();
    }
}

function button({ text, run }) {
    return element("button", { type: "button", onclick: run }, text);
}
