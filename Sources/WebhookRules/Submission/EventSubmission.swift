package import Directory
package import Model
package import WireJSON

/// An event submitted for one installation, the object `{"event", "data", "actor"?, "project"?}`, validated as far as
/// that is possible without the directory. Invalid members are nil, and reported as problems.
///
/// Used by every program that accepts events, so that all accept the same.
package struct EventSubmission: Hashable, Sendable {
    /// A reference to a project of the installation's organization.
    package enum ProjectName: Hashable, Sendable {
        case id(Int64)
        case slug(String)

        /// Digits only are an id, anything else a slug.
        package init(_ name: String) {
            guard name.utf8.allSatisfy({ (48...57).contains($0) }) else {
                self = .slug(name)
                return
            }
            // An id that does not fit 64 bits does not exist.
            self = .id(Int64(name) ?? -1)
        }
    }

    package private(set) var event: EventType?
    /// An object, as it was written.
    package private(set) var data: JSONLiteral?
    /// The members of a webhook's actor, in its order (docs/protocol.md 7.2), as they were written; nil for the
    /// platform.
    package private(set) var actor: JSONLiteral?
    package private(set) var project: ProjectName?

    private static let literalNames = JSONMemberNames(["data", "actor"])
    private static let actorNames = JSONMemberNames(["type", "id", "name"])

    /// What is needed of a body beside its text.
    package static let outline = JSONOutline(
        ["event", "data", "project"], objects: ["actor": JSONOutline(["type", "id", "name"])])

    /// Decodes every member, and adds the errors to `problems`.
    ///
    /// - Parameters:
    ///   - body: may be parsed with `outline`.
    ///   - text: what `body` was parsed from.
    package init(
        _ body: JSONValue, text: [UInt8], events: EventCatalogue, problems: inout FieldProblems
    ) {
        guard case .object(let members) = body else {
            problems.add("non_field_errors", "Invalid data. Expected an object, but got \(body.kind).")
            return
        }
        event = EventSubmission.event(body["event"], among: events, problems: &problems)
        let literals = JSONLiteral.members(EventSubmission.literalNames, of: text)
        if EventSubmission.isData(body["data"], problems: &problems) { data = literals[0] }
        if EventSubmission.isActor(body["actor"], problems: &problems) {
            actor = literals[1].map(EventSubmission.inOrder)
        }
        project = EventSubmission.project(body["project"], problems: &problems)
        problems.addUnknown(members, known: ["event", "data", "actor", "project"])
    }
}

/// Validation of each member: returns the value, or nil and adds a problem. `null` counts as absent for optional
/// members.
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

    static func isData(_ value: JSONValue?, problems: inout FieldProblems) -> Bool {
        switch value {
        case nil: problems.add("data", FieldProblems.required)
        case .null: problems.add("data", FieldProblems.null)
        case .object: return true
        case .some(let other): problems.add("data", "Must be an object, not \(other.kind).")
        }
        return false
    }

    /// False also when there is none.
    static func isActor(_ value: JSONValue?, problems: inout FieldProblems) -> Bool {
        guard let value, value != .null else { return false }
        guard case .object(let members) = value else {
            problems.add("actor", "Must be an object with type, id and name, not \(value.kind).")
            return false
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
        return type != nil && id != nil && name != nil
    }

    /// The members of a webhook's actor in its order.
    private static func inOrder(_ actor: JSONLiteral) -> JSONLiteral {
        let members = JSONLiteral.members(actorNames, of: actor.bytes)
        var text = Array("{".utf8)
        for (name, member) in zip(["type", "id", "name"], members) {
            text += Array((text.count > 1 ? ",\"" : "\"").utf8) + Array("\(name)\":".utf8) + (member?.bytes ?? [])
        }
        text.append(UInt8(ascii: "}"))
        return JSONLiteral(valid: text[...])
    }

    /// A number, or a string of digits, is an id, as in the paths of newer releases (docs/protocol.md 2.1); any other
    /// string is a slug.
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

extension EventSubmission.ProjectName {
    /// Looks up the project; nil when the organization has no such project.
    package func project(
        in organizationID: Int64, directory: any DeliveryDirectory
    ) throws(DirectoryError) -> Project? {
        let found =
            switch self {
            case .id(let id): try directory.project(id: id)
            case .slug(let slug): try directory.project(slug: slug, organizationID: organizationID)
            }
        return found?.organizationID == organizationID ? found : nil
    }
}
