// The form of “Check an event”.

import { byId } from "/js/element.js";
import { fillEvents } from "/js/events.js";
import { chooseOrganization } from "/js/organization-choice.js";

// The beginnings of server messages about a field. The rest of a message may contain any name.
const organizationError = /^(The app has several installations|Invalid organization|organizationSlug:)/;
const projectError = /^(Invalid project|project:)/;

export class CheckForm {
    // onCheck, onTest: called when a button is pressed. onInput: called when a field changes after that.
    constructor({ onCheck, onTest, onInput }) {
        this.form = byId("check-form");
        this.fields = this.form.elements;
        this.isBusy = false;
        fillEvents(this.fields.event);
        this.form.addEventListener("submit", (event) => {
            event.preventDefault();
            if (this.isBusy) return;
            if (event.submitter === byId("send-test")) onTest();
            else onCheck();
        });
        this.form.addEventListener("input", () => {
            this.showFieldError(null);
            onInput();
        });
    }

    get values() {
        const { event, organization, project } = this.fields;
        return { event: event.value, organization: organization.value.trim(), project: project.value.trim() };
    }

    // Without a check: the first event.
    set(check) {
        const { event = "", organization = "", project = "" } = check ?? {};
        fillEvents(this.fields.event, event);
        if (event) this.fields.event.value = event;
        else this.fields.event.selectedIndex = 0;
        chooseOrganization(this.fields.organization, organization);
        this.fields.project.value = project;
    }

    // Busy buttons do nothing, but keep the focus.
    setBusy(isBusy) {
        this.isBusy = isBusy;
        for (const button of this.form.querySelectorAll("button")) button.setAttribute("aria-disabled", String(isBusy));
    }

    // Marks and focuses the field that the server's message is about; returns whether there is one. null removes marks.
    showFieldError(message) {
        const { organization, project } = this.fields;
        for (const field of [organization, project]) field.removeAttribute("aria-invalid");
        const patterns = [[organizationError, organization], [projectError, project]];
        const field = patterns.find(([pattern]) => pattern.test(message ?? ""))?.[1];
        if (!field || field.offsetParent === null) return false;
        field.setAttribute("aria-invalid", "true");
        field.focus();
        return true;
    }
}
