import Buffer
import Model
import Queue

/// The query of `webhook-requests/`, checked field by field as Django REST framework does (docs/protocol.md 2.9).
struct WebhookRequestsQuery {
    var event: EventType?
    var errorsOnly: Bool
    var organizationSlug: String?
    var window: LogWindow
    /// Only rows that contain this text. A parameter of Hookline (docs/compatibility.md D31).
    var search: SearchText?

    /// Thirty days, the lifetime of the log.
    private static let defaultSpanSeconds: Int64 = 30 * 86_400

    /// Fails with 400 and the messages of all fields that are wrong, or else with that about their order.
    ///
    /// Without `start` the log begins thirty days before `now`: the original counts from the start of its process
    /// (docs/compatibility.md D9).
    init(_ parameters: QueryParameters, events: EventCatalogue, now: Timestamp) throws(HTTPFailure) {
        let span = WebhookRequestsQuery.defaultSpanSeconds
        window = LogWindow(
            start: now.adding(seconds: -span), end: now.adding(seconds: LogWindow.secondsAhead), startAge: span,
            endAge: -LogWindow.secondsAhead)
        var fields = RowFieldReader(parameters: parameters)
        event = fields.event("eventType", among: events)
        errorsOnly = fields.boolean("errorsOnly") ?? false
        organizationSlug = fields.trimmed("organizationSlug")
        if let start = fields.date("start") { (window.start, window.startAge) = (start, nil) }
        if let end = fields.date("end") { (window.end, window.endAge) = (end, nil) }
        search = fields.limited("search", to: SearchText.maximumLength).flatMap(SearchText.init)
        guard fields.messages.isEmpty else { throw .invalidFields(fields.messages) }
        guard window.start <= (window.endAge == nil ? window.end : now) else {
            throw .invalidFields([("non_field_errors", "Invalid timestamp (start must be before end).")])
        }
    }
}

/// Reads fields one by one and collects what is wrong with them. An absent field is nil and valid.
private struct RowFieldReader {
    let parameters: QueryParameters
    var messages: [(field: String, message: String)] = []

    mutating func event(_ name: String, among events: EventCatalogue) -> EventType? {
        read(name, failing: { "\"\($0)\" is not a valid choice." }) { text in
            let event = EventType(rawValue: text)
            return events.contains(event) ? event : nil
        }
    }

    mutating func boolean(_ name: String) -> Bool? {
        read(name, failing: { _ in "Must be a valid boolean." }) { text in
            switch text {
            case "t", "T", "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "1": true
            case "f", "F", "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", "0": false
            default: nil
            }
        }
    }

    /// A string without the white space around it.
    mutating func trimmed(_ name: String) -> String? {
        let blank = { (text: String) in PythonString.stripped(text).isEmpty }
        return read(
            name, failing: { blank($0) ? "This field may not be blank." : "Null characters are not allowed." }
        ) { text in
            blank(text) || text.utf8.contains(0) ? nil : PythonString.stripped(text)
        }
    }

    /// A string of at most `limit` code points, without the white space around it. A blank one counts as absent.
    mutating func limited(_ name: String, to limit: Int) -> String? {
        read(
            name,
            failing: { text in
                text.utf8.contains(0)
                    ? "Null characters are not allowed." : "Ensure this field has no more than \(limit) characters."
            }
        ) { text in
            let text = PythonString.stripped(text)
            return text.utf8.contains(0) || text.unicodeScalars.count > limit ? nil : text
        }
    }

    mutating func date(_ name: String) -> Timestamp? {
        read(
            name,
            failing: { _ in
                "Datetime has wrong format. Use one of these formats instead: "
                    + "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
            }, PythonDate.iso8601)
    }

    private mutating func read<Value>(
        _ name: String, failing message: (String) -> String, _ parse: (String) -> Value?
    ) -> Value? {
        guard let text = parameters[name] else { return nil }
        guard let value = parse(text) else {
            messages.append((name, message(text)))
            return nil
        }
        return value
    }
}
