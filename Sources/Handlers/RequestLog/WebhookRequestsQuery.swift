import Model

/// The query of `webhook-requests/`, checked field by field as Django REST framework does (contract 2.9).
struct WebhookRequestsQuery {
    var event: EventType?
    var errorsOnly = false
    var organizationSlug: String?
    var start: Timestamp
    var end: Timestamp

    /// Thirty days, as long as the log lives.
    private static let defaultSpanSeconds: Int64 = 30 * 86_400

    /// Fails with 400 and the messages of all fields that are wrong, or else with that about their relation.
    ///
    /// Without `start` the log begins thirty days before `now`: the original counts from the start of its process
    /// (design, D9).
    init(_ parameters: QueryParameters, events: EventCatalogue, now: Timestamp) throws(HTTPFailure) {
        start = now.adding(seconds: -WebhookRequestsQuery.defaultSpanSeconds)
        end = now
        var messages: [(field: String, message: String)] = []

        if let text = parameters["eventType"] {
            let name = EventType(rawValue: text)
            if events.contains(name) { event = name } else { messages.append(("eventType", notAChoice(text))) }
        }
        if let text = parameters["errorsOnly"] {
            if let value = boolean(text) {
                errorsOnly = value
            } else {
                messages.append(("errorsOnly", "Must be a valid boolean."))
            }
        }
        if let text = parameters["organizationSlug"] {
            let slug = PythonText.stripped(text)
            if slug.isEmpty {
                messages.append(("organizationSlug", "This field may not be blank."))
            } else if slug.utf8.contains(0) {
                messages.append(("organizationSlug", "Null characters are not allowed."))
            }
            organizationSlug = slug
        }
        read("start", from: parameters, into: &start, messages: &messages)
        read("end", from: parameters, into: &end, messages: &messages)
        guard messages.isEmpty else { throw .invalidFields(messages) }
        guard start <= end else {
            throw .invalidFields([("non_field_errors", "Invalid timestamp (start must be before end).")])
        }
    }
}

private func notAChoice(_ text: String) -> String {
    "\"\(text)\" is not a valid choice."
}

/// The spellings that Django REST framework takes for a boolean.
private func boolean(_ text: String) -> Bool? {
    switch text {
    case "t", "T", "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "1": true
    case "f", "F", "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", "0": false
    default: nil
    }
}

private func read(
    _ name: String, from parameters: QueryParameters, into date: inout Timestamp,
    messages: inout [(field: String, message: String)]
) {
    guard let text = parameters[name] else { return }
    if let value = PythonDate.iso8601(text) {
        date = value
    } else {
        messages.append(
            (
                name,
                "Datetime has wrong format. Use one of these formats instead: "
                    + "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
            ))
    }
}
