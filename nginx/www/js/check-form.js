// The form of “Check an event”.

import { byId } from "/js/element.js";
import { fillEvents } from "/js/events.js";

// How the server's sentences about a field begin. What follows may name anything.
const aboutOrganization = /^(The app has several installations|Invalid organization|organizationSlug:)/;
const aboutProject = /^(Invalid project|project:)/;

export class CheckForm {
    // ask, test: called when that is wanted; changed: when a field does not say any more what was asked.
    constructor({ ask, test, changed }) {
        this.form = byId("check-form");
        this.fields = this.form.elements;
        this.isBusy = false;
        fillEvents(this.fields.event);
        this.form.addEventListener("submit", (event) => {
            event.preventDefault();
            if (this.isBusy) return;
            if (event.submitter === byId("send-test")) test();
            else ask();
        });
        this.form.addEventListener("input", () => {
            this.complain(null);
            changed();
        });
    }

    get values() {
        const { event, organization, project } = this.fields;
        return { event: event.value, organization: organization.value.trim(), project: project.value.trim() };
    }

    set(check) {
        const { event = "issue.created", organization = "", project = "" } = check ?? {};
        fillEvents(this.fields.event, event);
        this.fields.event.value = event;
        this.fields.organization.value = organization;
        this.fields.project.value = project;
    }

    // The buttons do nothing meanwhile, but keep the focus.
    setBusy(isBusy) {
        this.isBusy = isBusy;
        for (const button of this.form.querySelectorAll("button")) button.setAttribute("aria-disabled", String(isBusy));
    }

    // Whether there is a field that the sentence is about; null: there is nothing wrong any more.
    complain(sentence) {
        const { organization, project } = this.fields;
        for (const field of [organization, project]) field.removeAttribute("aria-invalid");
        const names = [[aboutOrganization, organization], [aboutProject, project]];
        const field = names.find(([name]) => name.test(sentence ?? ""))?.[1];
        if (!field || field.offsetParent === null) return false;
        field.setAttribute("aria-invalid", "true");
        field.focus();
        return true;
    }
}
