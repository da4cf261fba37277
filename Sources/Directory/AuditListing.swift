package import Model

/// Which entries of the audit log.
package struct AuditQuery: Hashable, Sendable {
    /// Nil = of all organizations.
    package var organizationID: Int64?
    /// Event codes; nil = all.
    package var events: [Int]?
    /// Only entries of this actor; nil = of all.
    package var actor: Actor?
    /// Only entries of then or later.
    package var since: Timestamp?

    /// Who acted: entries with this label, and those of this user.
    package struct Actor: Hashable, Sendable {
        package var label: String
        package var userID: Int64?

        package init(label: String, userID: Int64?) {
            self.label = label
            self.userID = userID
        }
    }

    package init(organizationID: Int64? = nil, events: [Int]? = nil, actor: Actor? = nil, since: Timestamp? = nil) {
        self.organizationID = organizationID
        self.events = events
        self.actor = actor
        self.since = since
    }
}

/// Lists the audit log.
package protocol AuditListing: Sendable {
    /// Entries of the audit log, the newest first. Beside an original, those in Hookline's own tables.
    ///
    /// - Parameters:
    ///   - last: the last entry of the page before; nil = from the newest on.
    ///   - limit: at most this many.
    func auditEntries(
        _ query: AuditQuery, after last: AuditEntry?, limit: Int
    ) throws(DirectoryError) -> [AuditEntry]
}
