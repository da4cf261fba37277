// The client secret of an app: what is valid, and the rotation.

import { confirmButton } from "/js/confirm.js";
import { copyButton, copyStatus } from "/js/copy.js";
import { byId, element } from "/js/element.js";
import { Notice } from "/js/notice.js";
import { overlapField } from "/js/overlap.js";
import { showRejection } from "/js/rejection.js";
import { fullTime, parseDate, utcSeconds } from "/js/times.js";

export class SecretPanel {
    // lacking: why the caller may not see secrets, or null. reload: reads everything again.
    constructor(settings, lacking, reload) {
        this.settings = settings;
        this.reload = reload;
        this.notice = new Notice(byId("secret-notice"));
        this.notice.clear();
        this.overlap = overlapField("secret-overlap", "The current secret stays valid for");
        byId("secret-actions").replaceChildren(...(lacking ? [element("p", { class: "muted" }, lacking)] : [
            this.overlap.field,
            confirmButton({
                text: "Rotate secret", confirm: "Make a new secret",
                question: () => `Make a new secret? The current one then ${this.overlap.phrase()}.`,
                run: () => this.rotate(),
            }),
        ]));
        this.finishing = element("div", {}, lacking ? null : confirmButton({
            text: "End previous secrets now", confirm: "End them", run: () => this.finish(),
            question: () => "Receivers that still verify with a previous secret will refuse webhooks. End them?",
        }));
        byId("secret-actions").append(this.finishing);
        this.show();
    }

    show() {
        const { count, until } = previousSecrets(this.settings.app);
        byId("secret-state").textContent = count === 0 ? "No previous secret is valid."
            : `${count === 1 ? "A previous secret is" : `${count} previous secrets are`} valid until ${fullTime(until)}`
                + ` (${utcSeconds(until)}) at the latest.`;
        this.finishing.hidden = count === 0;
    }

    async rotate() {
        try {
            const made = await this.settings.rotateSecret(this.overlap.seconds());
            this.notice.clear();
            this.show();
            this.showSecret(made);
        } catch (error) {
            showRejection(this.notice, error, "The secret was not rotated.", this.reload);
        }
    }

    async finish() {
        try {
            await this.settings.finishRotation();
            this.show();
            this.notice.show("good", "Only the current secret is valid.");
            byId("secret-title").focus();
        } catch (error) {
            showRejection(this.notice, error, "The previous secrets were not ended.", this.reload);
        }
    }

    showSecret(made) {
        const box = secretBox(made, () => byId("secret-new").replaceChildren());
        byId("secret-new").replaceChildren(box);
        box.focus();
    }
}

// A new secret, which no later response shows to everybody. hide: called by its button.
export function secretBox({ clientSecret, standardWebhooksSecret }, hide) {
    const status = copyStatus();
    const row = (label, value) => (value ? element("div", { class: "secret-row" },
        element("span", {}, label), element("code", {}, value),
        copyButton("Copy", label.toLowerCase(), () => value, status)) : null);
    return element("div", { class: "secret-box", role: "group", "aria-label": "New secret", tabindex: "-1" },
        element("strong", {}, "Store the new secret now. This page shows it once."),
        row("Client secret", clientSecret), row("For libraries of Standard Webhooks", standardWebhooksSecret),
        element("div", { class: "secret-row" }, hide && element("button", { type: "button", onclick: hide }, "Hide"),
            status));
}

// The response counts previous secrets and former key pairs together.
function previousSecrets({ hookline }) {
    const dates = hookline.previousSecretsValidUntil.map(parseDate).filter((date) => date && date > new Date());
    return { count: Math.max(0, dates.length - formerKeys(hookline).length), until: latest(dates) };
}

export function formerKeys({ publicKey, publicKeys }) {
    return publicKeys.filter((key) => key !== publicKey);
}

const latest = (dates) => new Date(Math.max(...dates.map((date) => date.getTime())));
