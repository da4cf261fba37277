// The events that an app gets: a checkbox for each resource, which stands for all its events, and one for each event.

import { element } from "/js/element.js";

// Every installed app that needs them gets these events; no app subscribes to them (docs/protocol.md).
const withoutSubscription = new Set([
    "event_alert.triggered", "activity_alert.triggered", "external_issue.created", "external_issue.linked",
    "installation.created", "installation.deleted", "select_options.requested", "metric_alert.open",
    "metric_alert.resolved", "metric_alert.critical", "metric_alert.warning", "alert_rule_action.requested",
    "alert_rule_action.error",
]);

const title = (resource) => resource.charAt(0).toUpperCase() + resource.slice(1).replaceAll("_", " ");

export class Subscriptions {
    // events: those of the deployment. describedBy: the id of the place of errors. changed: called after each change.
    constructor(container, events, describedBy, changed) {
        this.container = container;
        this.groups = new Map();
        for (const event of events.filter((name) => !withoutSubscription.has(name))) {
            const [resource] = event.split(".");
            this.groups.set(resource, [...this.groups.get(resource) ?? [], event]);
        }
        this.describedBy = describedBy;
        this.changed = changed;
        // By name: of resources and of events.
        this.boxes = new Map();
    }

    // subscribed: names of resources and of events.
    show(subscribed) {
        this.boxes.clear();
        // Events that the deployment does not have any more stay subscribed until they are unchecked.
        const groups = new Map(this.groups);
        for (const name of subscribed) {
            const [resource] = name.split(".");
            if (!groups.has(resource)) groups.set(resource, [name].filter((one) => one.includes(".")));
        }
        this.container.replaceChildren(...[...groups].map(([resource, events]) => this.group(resource, events)));
        for (const [resource, events] of groups) {
            const all = this.boxes.get(resource);
            all.checked = subscribed.includes(resource) || (events.length > 0
                && events.every((event) => subscribed.includes(event)));
            for (const event of events) this.boxes.get(event).checked = all.checked || subscribed.includes(event);
            this.update(resource, events);
        }
    }

    group(resource, events) {
        const all = this.box(resource, `${title(resource)}: all events`, () => {
            for (const event of events) this.boxes.get(event).checked = this.boxes.get(resource).checked;
            this.update(resource, events);
            this.changed();
        });
        const single = events.map((event) => this.box(event, event, () => {
            this.boxes.get(resource).checked = events.every((one) => this.boxes.get(one).checked);
            this.update(resource, events);
            this.changed();
        }));
        return element("div", { class: "event-group" }, all, element("div", { class: "single-events" }, single));
    }

    box(name, label, onchange) {
        const input = element("input", {
            type: "checkbox", value: name, "aria-describedby": this.describedBy, onchange,
        });
        this.boxes.set(name, input);
        return element("label", { class: "check" }, input, label);
    }

    update(resource, events) {
        const chosen = events.filter((event) => this.boxes.get(event).checked).length;
        this.boxes.get(resource).indeterminate = chosen > 0 && !this.boxes.get(resource).checked;
    }

    // Names as the API wants them.
    get value() {
        const chosen = [];
        for (const [name, box] of this.boxes) {
            if (!box.checked) continue;
            const [resource] = name.split(".");
            if (name.includes(".") && this.boxes.get(resource)?.checked) continue;
            chosen.push(name);
        }
        return chosen;
    }
}
