// The events that a log can be asked for, by resource.

export const eventGroups = [
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

export const allEvents = eventGroups.flatMap(([, events]) => events);
