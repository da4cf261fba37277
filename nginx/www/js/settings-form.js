// The form with the settings of an app. It sends the fields that were changed, and shows the messages of the API beside
// them.

import { byId } from "/js/element.js";
import { clearFieldErrors, showFieldErrors } from "/js/field-errors.js";
import { HeaderList } from "/js/header-list.js";
import { Notice } from "/js/notice.js";
import { showRejection } from "/js/rejection.js";
import { Subscriptions } from "/js/subscriptions.js";
import { TargetList } from "/js/target-list.js";

export class SettingsForm {
    // info: of the deployment. saved: called after a change. reload: reads everything again.
    constructor(settings, info, { saved, reload }) {
        this.settings = settings;
        this.saved = saved;
        this.reload = reload;
        this.isBusy = false;
        this.notice = new Notice(byId("settings-notice"));
        this.form = byId("settings-form");
        this.fields = this.form.elements;
        byId("policy-default").textContent = `as the deployment (${info.policy})`;
        this.subscriptions = new Subscriptions(
            byId("subscriptions"), info.events, "events-error", () => this.changed());
        this.headers = new HeaderList(byId("headers"), "webhookHeaders-error", () => this.changed());
        this.targets = new TargetList(byId("targets"), "targets-error", () => this.changed());
        this.form.onsubmit = (event) => {
            event.preventDefault();
            this.save();
        };
        this.form.oninput = () => this.changed();
        byId("discard").onclick = () => {
            this.show();
            byId("name").focus();
        };
        this.show();
    }

    // The current settings; drops what was entered.
    show() {
        const { app } = this.settings;
        const { name, webhookUrl, isAlertable, deliveryPolicy, webhookTimeoutMs } = this.fields;
        name.value = app.name;
        webhookUrl.value = app.webhookUrl ?? "";
        isAlertable.checked = app.isAlertable;
        deliveryPolicy.value = app.hookline.deliveryPolicy ?? "";
        webhookTimeoutMs.value = app.hookline.webhookTimeoutMs ?? "";
        this.subscriptions.show(app.hookline.subscriptions);
        this.headers.show(app.hookline.webhookHeaders);
        // An older server has no relay.
        this.targets.show(app.hookline.targets ?? []);
        this.before = this.values;
        clearFieldErrors(this.form);
        this.notice.clear();
        this.changed();
    }

    // As the API wants them.
    get values() {
        const { name, webhookUrl, isAlertable, deliveryPolicy, webhookTimeoutMs } = this.fields;
        const timeout = webhookTimeoutMs.value.trim();
        return {
            name: name.value, webhookUrl: webhookUrl.value.trim() || null, events: this.subscriptions.value,
            isAlertable: isAlertable.checked, deliveryPolicy: deliveryPolicy.value || null,
            // Other text than a number is for the API to refuse.
            webhookTimeoutMs: timeout === "" ? null : /^\d{1,9}$/.test(timeout) ? Number(timeout) : timeout,
            webhookHeaders: this.headers.value, targets: this.targets.value,
        };
    }

    // The fields that differ from the current settings.
    get changes() {
        const own = ["deliveryPolicy", "webhookTimeoutMs", "webhookHeaders", "targets"];
        const { values, before } = this;
        const changed = {};
        for (const [name, value] of Object.entries(values)) {
            if (JSON.stringify(value) === JSON.stringify(before[name])) continue;
            if (own.includes(name)) changed.hookline = { ...changed.hookline, [name]: value };
            else changed[name] = value;
        }
        return changed;
    }

    changed() {
        const hasChanges = Object.keys(this.changes).length > 0;
        byId("unsaved").textContent = hasChanges ? "Not saved yet." : "";
        byId("discard").hidden = !hasChanges;
    }

    async save() {
        const { changes } = this;
        if (this.isBusy) return;
        this.notice.clear();
        clearFieldErrors(this.form);
        if (Object.keys(changes).length === 0) {
            this.notice.show("info", "Nothing was changed.");
            return;
        }
        this.setBusy(true);
        try {
            await this.settings.change(changes);
            this.show();
            this.notice.show("good", "The settings are saved.",
                "Workers use them when their copies of the directory expire, within some seconds.");
            this.saved();
        } catch (error) {
            this.rejected(error);
        }
        this.setBusy(false);
    }

    rejected(error) {
        if (error.status !== 400) {
            showRejection(this.notice, error, "The settings were not saved.", this.reload);
            return;
        }
        const others = showFieldErrors(this.form, error.body);
        this.notice.show("bad", "The settings were not saved.",
            others.length > 0 ? others.join(" ") : "The reasons are beside the fields.");
    }

    setBusy(isBusy) {
        this.isBusy = isBusy;
        byId("save").setAttribute("aria-disabled", String(isBusy));
    }
}
