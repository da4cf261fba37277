import Directory
package import Model
package import WireJSON

/// Who changes a directory, for the audit log.
package struct ChangeAuthor: Hashable, Sendable {
    /// Nil for somebody whom the directory does not know.
    package var userID: Int64?
    /// The name of the user or the operator.
    package var label: String

    package init(userID: Int64? = nil, label: String) {
        self.userID = userID
        self.label = label
    }
}

extension AuditEntry.Draft {
    /// A change of an app in the audit log of the owning organization (docs/protocol.md 7.8).
    ///
    /// - Parameter changes: what was changed, without secrets and values of headers.
    package init(event: Int, by author: ChangeAuthor, on app: SentryApp, changes: [String] = [], at date: Timestamp) {
        self.init(
            event: event, by: author, organizationID: app.ownerID,
            members: [.init(name: "name", value: .string(app.name))],
            changes: changes, at: date)
    }

    /// A change in the audit log of an organization.
    ///
    /// - Parameters:
    ///   - members: what was changed.
    ///   - changes: how, without secrets and values of headers.
    package init(
        event: Int, by author: ChangeAuthor, organizationID: Int64, members: [JSONValue.Member], changes: [String] = [],
        at date: Timestamp
    ) {
        let list = JSONValue.Member(name: "changes", value: .array(changes.map(JSONValue.string)))
        self.init(
            organizationID: organizationID, event: event, actorID: author.userID, actorLabel: author.label,
            targetObject: organizationID,
            dataJSON: JSONValue.object(members + (changes.isEmpty ? [] : [list])).compactText, date: date)
    }
}
