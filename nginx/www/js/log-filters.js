// The filters above the log.

import { byId, element } from "/js/element.js";
import { fillEvents } from "/js/events.js";
import { noFilters } from "/js/log-source.js";
import { addOrganization, chooseOrganization } from "/js/organization-choice.js";
import { fromLocalField, localField } from "/js/times.js";

export class LogFilters {
    // changed: called with the filters, and whether the user is still typing.
    constructor(changed) {
        this.form = byId("filters");
        this.fields = this.form.elements;
        this.organizations = new Map();
        fillEvents(this.fields.event, "", element("option", { value: "" }, "All events"));
        this.form.addEventListener("submit", (event) => {
            event.preventDefault();
            changed(this.values, { isTyping: false });
        });
        this.form.addEventListener("change", (event) => {
            if (event.target !== this.fields.search) changed(this.values, { isTyping: false });
        });
        this.fields.search.addEventListener("input", () => changed(this.values, { isTyping: true }));
        byId("clear-filters").addEventListener("click", () => {
            this.set(noFilters);
            changed(this.values, { isTyping: false });
            this.fields.event.focus();
        });
    }

    get values() {
        const { event, errors, organization, from, to, search } = this.fields;
        return {
            event: event.value, errors: errors.checked, organization: organization.value.trim(),
            from: fromLocalField(from.value), to: fromLocalField(to.value), search: search.value.trim(),
        };
    }

    set({ event, errors, organization, from, to, search }) {
        fillEvents(this.fields.event, event);
        this.fields.event.value = event;
        this.fields.errors.checked = errors;
        chooseOrganization(this.fields.organization, organization);
        this.fields.from.value = from ? localField(from) : "";
        this.fields.to.value = to ? localField(to) : "";
        this.fields.search.value = search;
    }

    get isEmpty() {
        const { event, errors, organization, from, to, search } = this.values;
        return !event && !errors && !organization && !from && !to && !search;
    }

    showState() {
        byId("clear-filters").hidden = this.isEmpty;
    }

    // Adds the organizations of the rows to the suggestions, and to the list of those where the app is installed.
    offer(rows) {
        for (const { organization } of rows) {
            if (organization) addOrganization(this.fields.organization, organization.slug);
            if (!organization || this.organizations.has(organization.slug)) continue;
            this.organizations.set(organization.slug, organization.name);
            byId("organizations").append(element("option", { value: organization.slug }, organization.name));
        }
    }
}
