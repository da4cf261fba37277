package import Model
import WireJSON

/// The entries of the audit log about what was erased. They are written before it is: what cannot be logged is not
/// erased.
extension AuditEntry.Draft {
    /// - Parameter id: the event's.
    package static func eventErased(
        id: String, of app: SentryApp, by author: ChangeAuthor, at date: Timestamp
    ) -> AuditEntry.Draft {
        AuditEntry.Draft(
            event: AuditEntry.eventErased, by: author, organizationID: app.ownerID,
            members: [.init(name: "name", value: .string(app.name)), .init(name: "event", value: .string(id))],
            at: date)
    }

    /// - Parameters:
    ///   - count: how many there are to delete.
    ///   - id: of the only one, where it was named.
    package static func deadLettersDeleted(
        count: Int, id: String? = nil, of app: SentryApp, by author: ChangeAuthor, at date: Timestamp
    ) -> AuditEntry.Draft {
        var members: [JSONValue.Member] = [
            .init(name: "name", value: .string(app.name)), .init(name: "count", value: .integer(count)),
        ]
        if let id { members.append(.init(name: "event", value: .string(id))) }
        return AuditEntry.Draft(
            event: AuditEntry.deadLettersDeleted, by: author, organizationID: app.ownerID, members: members, at: date)
    }
}
