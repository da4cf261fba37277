package import Model
package import WireJSON

/// An event that somebody wants to be delivered to one installation, checked as far as that goes without the directory:
/// the object `{"event", "data", "actor"?, "project"?}`. Members that are wrong are nil, and the problems say why.
///
/// Every program that takes in events from people and platforms reads them here: what one accepts, the others do, too.
package struct EventSubmission: Hashable, Sendable {
    /// How a project of the installation's organization is named.
    package enum ProjectName: Hashable, Sendable {
        case id(Int64)
        case slug(String)

        /// A text of digits only is an id, any other a slug.
        package init(_ text: String) {
            guard text.utf8.allSatisfy({ (48...57).contains($0) }) else {
                self = .slug(text)
                return
            }
            // Digits that 64 bits cannot hold name no project.
            self = .id(Int64(text) ?? -1)
        }
    }

    package private(set) var event: EventType?
    /// One object.
    package private(set) var data: JSONValue?
    /// The members that a webhook's actor has, in its order (contract 7.2); nil for the platform itself.
    package private(set) var actor: JSONValue?
    package private(set) var project: ProjectName?

    /// Reads every member, and collects in `problems` what is wrong with each.
    package init(_ body: JSONValue, events: EventCatalogue, problems: inout FieldProblems) {
        guard case .object(let members) = body else {
            problems.add("non_field_errors", "Invalid data. Expected an object, but got \(body.kind).")
            return
        }
        event = EventSubmission.event(body["event"], among: events, problems: &problems)
        data = EventSubmission.data(body["data"], problems: &problems)
        actor = EventSubmission.actor(body["actor"], problems: &problems)
        project = EventSubmission.project(body["project"], problems: &problems)
        problems.addUnknown(members, known: ["event", "data", "actor", "project"])
    }
}
