// The events that a log can be filtered by, grouped by resource.

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

// Fills a select element with the events; first: an option before all others. If called again with an event that is in
// the page's URL and not in the list, adds that event.
export function fillEvents(select, event = "", first = null) {
    if (select.options.length === 0) {
        if (first) select.append(first);
        select.append(...eventGroups.map(([label, events]) => element("optgroup", { label }, events.map(option))));
    }
    if (event && ![...select.options].some((one) => one.value === event)) select.append(option(event));
}
