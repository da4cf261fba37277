import Directory
import Model
import Queue
import WebhookRules
import WireJSON

/// The body of a request for a redelivery job.
struct RedeliverySubmission {
    private static let known = ["since", "until", "errorsOnly", "eventTypes", "organizationSlug", "dryRun"]

    /// Nil when something is wrong. Without the organization, which has to be looked up.
    private(set) var selection: RedeliveryJob.Selection?
    /// Only count what there is.
    private(set) var isDryRun = false
    private var organizationSlug: String?

    /// - Parameter problems: gets a message for each field that is wrong. Unknown members are, too: a mistyped name
    ///   must not redeliver more than was asked for.
    init(_ body: JSONValue, events: EventCatalogue, now: Timestamp, problems: inout FieldProblems) {
        guard case .object(let members) = body else {
            problems.add("non_field_errors", "Invalid data. Expected an object, but got \(body.kind).")
            return
        }
        problems.addUnknown(members, known: Self.known)
        if body["since"] == nil { problems.add("since", "This field is required.") }
        let since = Self.date("since", body, &problems)
        // Without this end, the job would redeliver its own events.
        let until = min(Self.date("until", body, &problems) ?? now, now)
        let errorsOnly = Self.boolean("errorsOnly", body, &problems)
        isDryRun = Self.boolean("dryRun", body, &problems)
        let types = Self.eventTypes(body["eventTypes"], events, &problems)
        switch body["organizationSlug"] {
        case nil, .null: break
        case .string(let slug): organizationSlug = slug
        default: problems.add("organizationSlug", "Not a valid string.")
        }
        guard let since else { return }
        guard since < until else {
            problems.add("until", "Must be after \"since\", which must not be in the future.")
            return
        }
        selection = RedeliveryJob.Selection(since: since, until: until, errorsOnly: errorsOnly, events: types)
    }

    /// Nil when none is named, or when there is none with this slug, which is added to `problems`.
    func organizationID(
        in directory: any DeliveryDirectory, problems: inout FieldProblems
    ) throws(HTTPFailure) -> Int64? {
        guard let organizationSlug else { return nil }
        let found = try orUnavailable(directory.organization(slug: organizationSlug))
        if found == nil { problems.add("organizationSlug", "There is no such organization.") }
        return found?.id
    }

    private static func date(_ name: String, _ body: JSONValue, _ problems: inout FieldProblems) -> Timestamp? {
        switch body[name] {
        case nil: return nil
        case .null where name != "since": return nil
        case .string(let text):
            if let date = PythonDate.iso8601(text) { return date }
        default: break
        }
        problems.add(name, "Not a date and time such as 2024-01-31T12:00:00Z.")
        return nil
    }

    private static func boolean(_ name: String, _ body: JSONValue, _ problems: inout FieldProblems) -> Bool {
        switch body[name] {
        case nil, .null: return false
        case .bool(let value): return value
        default:
            problems.add(name, "Must be a valid boolean.")
            return false
        }
    }

    private static func eventTypes(
        _ value: JSONValue?, _ known: EventCatalogue, _ problems: inout FieldProblems
    ) -> Set<EventType>? {
        switch value {
        case nil, .null: return nil
        case .array(let elements) where !elements.isEmpty:
            var types: Set<EventType> = []
            for element in elements {
                guard let name = element.string, known.contains(EventType(rawValue: name)) else {
                    let shown = FieldProblems.shortened(element.string ?? element.kind)
                    problems.add("eventTypes", "\"\(shown)\" is not a valid choice.")
                    continue
                }
                types.insert(EventType(rawValue: name))
            }
            return types
        default:
            problems.add("eventTypes", "Must be a list of event types that is not empty.")
            return nil
        }
    }
}
