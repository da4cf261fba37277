package import Model

/// What delivering webhooks asks of the directory, and the changes it makes.
///
/// Reads are single look-ups by key, as in `DirectoryStore`. Changes are transactions; of two programs that make the same one
/// at once, one does it and the other learns that it was done.
package protocol DeliveryDirectory: DirectoryStore {
    /// The app with this id; soft-deleted apps do not exist.
    func app(id: Int64) throws(DirectoryError) -> SentryApp?

    /// The installation with this uuid, whatever its status; soft-deleted ones, too, because their apps are still told of
    /// the deletion. Who asks looks at `Installation.isPresent(for:)`.
    func installation(uuid: String) throws(DirectoryError) -> Installation?

    /// The hook of an installation (contract 7.1, `send_webhooks`, step 1). More than one is `DirectoryError.corrupt`.
    func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook?

    /// The organization's project with this slug, exactly.
    func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project?

    /// The active users whose role in the organization is owner, in the order of their ids.
    func owners(organizationID: Int64) throws(DirectoryError) -> [User]

    /// Clears the app's subscriptions, remembers them for `enable`, writes the audit entry and, if wanted, the notice
    /// that the owners are still to be told of it, in one transaction. The disabling has the entry's date.
    ///
    /// - Parameter notifies: whether a notice is written; an operator's own act needs none.
    /// - Returns: whether this call did it; false when the app is disabled already or not there, and then nothing is
    ///   written.
    func disable(
        appID: Int64, reason: String, audit: AuditEntry.Draft, notifies: Bool
    ) throws(DirectoryError) -> Bool

    /// Restores the subscriptions that `disable` cleared and writes the audit entry, in one transaction. A notice of the
    /// disabling that was not completed is dropped.
    ///
    /// - Returns: whether this call did it; false when the app is not disabled.
    func enable(appID: Int64, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool

    /// Disablings whose consequences - mail to the owners, forgetting of the counts - are not carried out yet, the oldest
    /// first: whoever disabled may have died right after.
    func pendingNotices(limit: Int) throws(DirectoryError) -> [DisablingNotice]

    /// Notes that everything that follows from a disabling is done; without effect when another did it before.
    func completeNotice(id: Int64) throws(DirectoryError)
}

extension DeliveryDirectory {
    /// Disables an app whose owners are to be told of it.
    package func disable(appID: Int64, reason: String, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool {
        try disable(appID: appID, reason: reason, audit: audit, notifies: true)
    }
}

/// A disabling whose consequences are still to be carried out.
package struct DisablingNotice: Hashable, Sendable {
    /// Never given twice: fit for making keys that tell one disabling from the next.
    package var id: Int64
    package var appID: Int64
    /// The organization in whose name the app was disabled.
    package var organizationID: Int64
    package var reason: String
    package var date: Timestamp

    package init(id: Int64, appID: Int64, organizationID: Int64, reason: String, date: Timestamp) {
        self.id = id
        self.appID = appID
        self.organizationID = organizationID
        self.reason = reason
        self.date = date
    }
}
