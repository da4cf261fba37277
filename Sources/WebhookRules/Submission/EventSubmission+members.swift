import Model
package import WireJSON

/// How each member is read: the value, or nil and a problem. `null` counts as absent where a member may be.
extension EventSubmission {
    static func event(
        _ value: JSONValue?, among events: EventCatalogue, problems: inout FieldProblems
    ) -> EventType? {
        switch value {
        case nil: problems.add("event", FieldProblems.required)
        case .null: problems.add("event", FieldProblems.null)
        case .string(let text):
            let event = EventType(rawValue: text)
            if events.contains(event) { return event }
            problems.add("event", "\"\(FieldProblems.shortened(text))\" is not a valid choice.")
        default: problems.add("event", "Not a valid string.")
        }
        return nil
    }

    static func data(_ value: JSONValue?, problems: inout FieldProblems) -> JSONValue? {
        switch value {
        case nil: problems.add("data", FieldProblems.required)
        case .null: problems.add("data", FieldProblems.null)
        case .object: return value
        case .some(let other): problems.add("data", "Must be an object, not \(other.kind).")
        }
        return nil
    }

    static func actor(_ value: JSONValue?, problems: inout FieldProblems) -> JSONValue? {
        guard let value, value != .null else { return nil }
        guard case .object(let members) = value else {
            problems.add("actor", "Must be an object with type, id and name, not \(value.kind).")
            return nil
        }
        let type = value["type"]
        if type?.string != "user", type?.string != "application" {
            problems.add("actor", "The type must be \"user\" or \"application\".")
        }
        let id = value["id"]
        if id?.integer == nil, id?.string?.isEmpty != false {
            problems.add("actor", "The id must be an integer or a string that is not empty.")
        }
        let name = value["name"]
        if name?.string == nil { problems.add("actor", "The name must be a string.") }
        problems.addUnknown(members, known: ["type", "id", "name"], of: "actor")
        guard let type, let id, let name else { return nil }
        return .object([
            .init(name: "type", value: type), .init(name: "id", value: id), .init(name: "name", value: name),
        ])
    }

    /// A number, or a text of digits only, is an id, as in the API's newer paths (contract 2.1); another text is a slug.
    package static func project(_ value: JSONValue?, problems: inout FieldProblems) -> ProjectName? {
        switch value {
        case nil, .null: return nil
        case .string(let text) where !text.isEmpty:
            return ProjectName(text)
        default:
            if let id = value?.integer { return .id(id) }
            problems.add("project", "Must be a slug or an id.")
            return nil
        }
    }
}
