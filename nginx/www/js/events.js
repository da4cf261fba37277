// The events that a log can be asked for, by resource.

import { element } from "/js/element.js";

const eventGroups = [
    ["Issues", ["issue.created", "issue.resolved", "issue.ignored", "issue.assigned"]],
    ["Errors", ["error.created"]],
    ["Comments", ["comment.created", "comment.updated", "comment.deleted"]],
    ["Alerts", [
        "event_alert.triggered", "metric_alert.open", "metric_alert.resolved", "metric_alert.critical",
        "metric_alert.warning",
    ]],
    ["Installations", ["installation.created", "installation.deleted"]],
    ["Components", [
        "external_issue.created", "external_issue.linked", "select_options.requested", "alert_rule_action.requested",
        "alert_rule_action.error",
    ]],
];

const option = (event) => element("option", { value: event }, event);

// Puts the events into a list to choose from; first: an option before all others. Called again with an event that an
// address names and this page does not know, it adds that.
export function fillEvents(select, event = "", first = null) {
    if (select.options.length === 0) {
        if (first) select.append(first);
        select.append(...eventGroups.map(([label, events]) => element("optgroup", { label }, events.map(option))));
    }
    if (event && ![...select.options].some((one) => one.value === event)) select.append(option(event));
}
