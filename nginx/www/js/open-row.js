// An open row of the log: fills its panel, and does what its buttons say.

import { whileBusy } from "/js/element.js";
import { eraseEvent } from "/js/erase.js";
import {
    attemptList, details, exchange, isLoaded, loadingBodies, redeliveryList, showState,
} from "/js/log-details.js";
import { readDetails } from "/js/log-source.js";
import { Notice, showFailure } from "/js/notice.js";
import { redeliver } from "/js/redeliver.js";

export class OpenRow {
    // log: the LogView. logRow: the LogRow.
    constructor(log, logRow) {
        this.log = log;
        this.logRow = logRow;
        this.row = logRow.row;
    }

    async show() {
        this.logRow.panel.replaceChildren(details(this.logRow, {
            redeliver: (row, button, status) => this.redeliver(button, status),
            erase: (row, status) => this.erase(status),
            showEvent: (id) => this.log.showEvent(id),
        }));
        if (isLoaded(this.row)) await this.loadDetails();
    }

    async loadDetails() {
        const { log, logRow, row } = this;
        const part = (name) => logRow.panel.querySelector(`.${name}`);
        const show = (...content) => part("exchange").replaceChildren(...content);
        const notice = new Notice(part("details-notice"));
        notice.clear();
        show(loadingBodies());
        try {
            const found = await readDetails(log.slug, row);
            const content = exchange(found.shown, row);
            part("attempts").replaceChildren(
                ...attemptList(found, (attempt) => show(...exchange(attempt, attempt))));
            showState(part("event-state"), found.state, logRow.outcome);
            part("redeliveries").replaceChildren(...redeliveryList(found, (id) => log.showEvent(id)));
            show(...content);
        } catch (error) {
            show();
            showFailure(notice, error, "The details could not be loaded.", () => {
                // The button is removed.
                logRow.toggle.focus();
                this.loadDetails();
            });
        }
    }

    async redeliver(button, status) {
        const showStatus = statusOf(status);
        const id = await whileBusy([button], () => {
            showStatus("info", "Sending…");
            return redeliver(this.log.slug, this.row, showStatus);
        });
        if (id !== null) await this.log.showRedelivery(id);
    }

    async erase(status) {
        status.textContent = "";
        const summary = await eraseEvent(this.log.slug, this.row, statusOf(status));
        if (summary !== null) this.log.dropEvent(this.row, summary);
    }
}

// A function that shows a tone and a text in an element.
function statusOf(status) {
    return (tone, text) => {
        status.className = `action-status action-${tone}`;
        status.textContent = text;
    };
}
