import Buffer
import WebhookRules
import WireJSON

extension DiagnosisRequest.Names {
    private static let known = ["eventType", "organizationSlug", "project"]

    /// The names in a body, and in `problems` what is wrong with it.
    ///
    /// In JSON unknown members are told: a mistyped name must not send an event to another place than was meant.
    init(_ body: RequestBody, problems: inout FieldProblems) {
        switch body {
        case .empty: break
        case .form(let fields):
            eventType = fields.nonEmpty("eventType")
            organizationSlug = fields.nonEmpty("organizationSlug")
            project = fields.nonEmpty("project").map { EventSubmission.ProjectName($0) }
        case .json(let value):
            guard case .object(let members) = value else {
                problems.add("non_field_errors", "Invalid data. Expected an object, but got \(value.kind).")
                return
            }
            eventType = Self.text(value["eventType"], "eventType", &problems)
            organizationSlug = Self.text(value["organizationSlug"], "organizationSlug", &problems)
            project = EventSubmission.project(value["project"], problems: &problems)
            problems.addUnknown(members, known: Self.known)
        }
    }

    private static func text(_ value: JSONValue?, _ name: String, _ problems: inout FieldProblems) -> String? {
        switch value {
        case nil, .null: return nil
        case .string(let text): return text.isEmpty ? nil : text
        default:
            problems.add(name, "Not a valid string.")
            return nil
        }
    }
}
