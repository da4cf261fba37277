package import Model
package import WireJSON

/// An event that somebody wants to be delivered to one installation, checked as far as that goes without the directory:
/// the object `{"event", "data", "actor"?, "project"?}`.
package struct EventSubmission: Hashable, Sendable {
    package var event: EventType
    /// One JSON object: the webhook's `data`.
    package var data: JSONValue
    /// One JSON object: the webhook's `actor`; nil for the platform itself.
    package var actor: JSONValue?
    package var project: ProjectReference?

    /// A project of the installation's organization.
    package enum ProjectReference: Hashable, Sendable {
        case id(Int64)
        case slug(String)

        /// As people write it: digits are an id.
        package init?(parsing text: String) {
            guard !text.isEmpty else { return nil }
            self = Int64(text).map { .id($0) } ?? .slug(text)
        }
    }

    /// What is wrong, and with which field.
    package struct Problem: Error, Hashable, Sendable {
        package var field: String
        package var message: String

        package init(field: String, message: String) {
            self.field = field
            self.message = message
        }
    }

    /// Checks the values of the fields; `null` is an absent one.
    ///
    /// - Parameter catalogue: what can be sent and stored.
    package init(
        event: JSONValue?, data: JSONValue?, actor: JSONValue?, project: JSONValue?, catalogue: EventCatalogue
    ) throws(Problem) {
        self.event = try EventSubmission.event(event, catalogue: catalogue)
        guard let data, data != .null else { throw Problem(field: "data", message: "is missing") }
        guard case .object = data else { throw Problem(field: "data", message: "must be an object") }
        self.data = data
        if let actor, actor != .null {
            guard case .object = actor else { throw Problem(field: "actor", message: "must be an object") }
            self.actor = actor
        }
        self.project = try EventSubmission.project(project)
    }

    private static func event(_ value: JSONValue?, catalogue: EventCatalogue) throws(Problem) -> EventType {
        guard let value, value != .null else { throw Problem(field: "event", message: "is missing") }
        guard case .string(let name) = value else { throw Problem(field: "event", message: "must be a string") }
        let event = EventType(rawValue: name)
        guard catalogue.contains(event) else {
            throw Problem(field: "event", message: "\"\(name.prefix(100))\" is not an event that can be sent")
        }
        return event
    }

    private static func project(_ value: JSONValue?) throws(Problem) -> ProjectReference? {
        switch value {
        case nil, .null?: return nil
        case .string(let text)?:
            guard let reference = ProjectReference(parsing: text) else {
                throw Problem(field: "project", message: "must not be empty")
            }
            return reference
        default:
            guard let id = value?.integer, id > 0 else {
                throw Problem(field: "project", message: "must be a slug or an id")
            }
            return .id(id)
        }
    }

    /// The queue's payload.
    ///
    /// - Parameters:
    ///   - projectID: what `project` turned out to be.
    ///   - originalID: the event that this one sends again.
    package func queuedEvent(
        installationUUID: String, projectID: Int64?, originalID: String? = nil
    ) -> QueuedEvent {
        QueuedEvent(
            event: event.rawValue, installationUUID: installationUUID, projectID: projectID, data: data, actor: actor,
            originalID: originalID)
    }
}
