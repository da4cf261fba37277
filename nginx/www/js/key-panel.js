// The key pair of an app, with which its webhooks are signed beside the client secret. The API shows public keys only.

import { confirmButton } from "/js/confirm.js";
import { copyButton, copyStatus } from "/js/copy.js";
import { byId, element } from "/js/element.js";
import { Notice } from "/js/notice.js";
import { overlapField } from "/js/overlap.js";
import { showRejection } from "/js/rejection.js";
import { formerKeys } from "/js/secret-panel.js";

export class KeyPanel {
    // lacking: why the caller may not change keys, or null. reload: reads everything again.
    constructor(settings, lacking, reload) {
        this.settings = settings;
        this.lacking = lacking;
        this.reload = reload;
        this.notice = new Notice(byId("key-notice"));
        this.notice.clear();
        this.overlap = overlapField("key-overlap", "The current pair stays valid for");
        this.show();
    }

    show() {
        const { hookline } = this.settings.app;
        byId("key-state").replaceChildren(...keyList(hookline));
        byId("key-actions").replaceChildren(
            ...(this.lacking ? [element("p", { class: "muted" }, this.lacking)] : this.actions(hookline)));
    }

    actions(hookline) {
        const actions = hookline.publicKey === null ? [
            confirmButton({
                text: "Make a key pair", confirm: "Make it", run: () => this.change(
                    () => this.settings.makeKey(0), "The key pair is made.", "The key pair was not made."),
                question: () => "Webhooks are then signed with it, too. Make a key pair?",
            }),
        ] : [
            this.overlap.field,
            confirmButton({
                text: "Replace the key pair", confirm: "Replace it", run: () => this.change(
                    () => this.settings.makeKey(this.overlap.seconds()), "The key pair is replaced.",
                    "The key pair was not replaced."),
                question: () => `Make a new key pair? The current one then ${this.overlap.phrase()}.`,
            }),
            confirmButton({
                text: "Remove the key pair", confirm: "Remove it", isDanger: true, run: () => this.change(
                    () => this.settings.removeKey(), "The key pair is removed.", "The key pair was not removed."),
                question: () => "Receivers that verify with it will refuse webhooks. Remove it?",
            }),
        ];
        if (formerKeys(hookline).length > 0) {
            actions.push(confirmButton({
                text: "End former key pairs now", confirm: "End them", run: () => this.change(
                    () => this.settings.finishKeys(), "Former key pairs are not valid any more.",
                    "The former key pairs were not ended."),
                question: () => "Receivers that still verify with a former pair will refuse webhooks. End them?",
            }));
        }
        return actions;
    }

    async change(call, done, title) {
        try {
            await call();
            this.show();
            this.notice.show("good", done);
            byId("key-title").focus();
        } catch (error) {
            showRejection(this.notice, error, title, this.reload);
        }
    }
}

// Public keys with buttons to copy them.
export function keyList(hookline) {
    if (!hookline || hookline.publicKeys.length === 0) return [element("p", {}, "The app has no key pair.")];
    const status = copyStatus();
    return [element("ul", { class: "key-list" }, hookline.publicKeys.map((key) => element("li", {},
        element("span", { class: "tag" }, key === hookline.publicKey ? "current" : "former"),
        element("code", {}, key), copyButton("Copy", "public key", () => key, status)))), element("p", {}, status)];
}
