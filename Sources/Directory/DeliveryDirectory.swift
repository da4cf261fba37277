package import Model

/// The lookups and changes that delivery needs.
///
/// Reads are single lookups by key, as in `DirectoryStore`. Changes are transactions; when two programs make the same
/// change at the same time, one succeeds and the other gets false.
package protocol DeliveryDirectory: DirectoryStore {
    /// The app with this id; soft-deleted apps do not exist.
    func app(id: Int64) throws(DirectoryError) -> SentryApp?

    /// The installation with this uuid in any status, soft-deleted ones included, because their apps still get
    /// `installation.deleted`. Callers check `Installation.isPresent(for:)`.
    func installation(uuid: String) throws(DirectoryError) -> Installation?

    /// The hook of an installation (docs/protocol.md 7.1). More than one is `DirectoryError.corrupt`.
    func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook?

    /// The organization's project with this slug, exactly.
    func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project?

    /// The active users whose role in the organization is owner, ordered by id.
    func owners(organizationID: Int64) throws(DirectoryError) -> [User]

    /// Clears the app's subscriptions, keeps them for `enable`, writes the audit entry and, with `notifies`, a pending
    /// notice, in one transaction. The disablement has the entry's date.
    ///
    /// - Parameter notifies: whether the owners are to be notified; not when an operator disables the app.
    /// - Returns: whether this call disabled the app; false, and nothing written, when it is already disabled or
    ///   absent.
    func disable(
        appID: Int64, reason: String, audit: AuditEntry.Draft, notifies: Bool
    ) throws(DirectoryError) -> Bool

    /// Restores the subscriptions that `disable` cleared, writes the audit entry and drops pending notices, in one
    /// transaction.
    ///
    /// - Returns: whether this call enabled the app; false when it is not disabled.
    func enable(appID: Int64, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool

    /// Writes the audit entry of a change that the directory does not hold: that an app is not to be disabled any more.
    func record(_ audit: AuditEntry.Draft) throws(DirectoryError)

    /// Disablements whose follow-up (mail to the owners, reset of the failure counts) is not done yet, oldest first:
    /// the process that disabled the app may have ended right after.
    func pendingNotices(limit: Int) throws(DirectoryError) -> [DisablingNotice]

    /// Records that the follow-up of a disablement is done; without effect when it is recorded already.
    func completeNotice(id: Int64) throws(DirectoryError)
}

extension DeliveryDirectory {
    /// Disables an app and leaves a notice for its owners.
    package func disable(appID: Int64, reason: String, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool {
        try disable(appID: appID, reason: reason, audit: audit, notifies: true)
    }
}

/// A disablement whose follow-up is not done yet.
package struct DisablingNotice: Hashable, Sendable {
    /// Never reused, so that keys made from it are unique for one disablement.
    package var id: Int64
    package var appID: Int64
    /// The organization of the audit entry.
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
