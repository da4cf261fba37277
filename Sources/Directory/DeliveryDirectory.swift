package import Model

/// What delivering webhooks asks of the directory, and the two changes it makes.
///
/// Reads are single look-ups by key, as in `Directory`. Changes are transactions; of two programs that make the same one
/// at once, one does it and the other learns that it was done.
package protocol DeliveryDirectory: Directory {
    /// The app with this id; soft-deleted apps do not exist.
    func app(id: Int64) throws(DirectoryError) -> SentryApp?

    /// The installation with this uuid that is not deleted, whatever its status.
    func installation(uuid: String) throws(DirectoryError) -> Installation?

    /// The hook of an installation (contract 7.1, `send_webhooks`, step 1). More than one is `DirectoryError.corrupt`.
    func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook?

    func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project?

    /// The active users whose role in the organization is owner, in the order of their ids.
    func owners(organizationID: Int64) throws(DirectoryError) -> [User]

    /// Clears the app's subscriptions, remembers them for `enable`, and writes the audit entry, in one transaction.
    ///
    /// - Returns: whether this call did it; false when the app is disabled already, and then nothing is written.
    func disable(appID: Int64, reason: String, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool

    /// Restores the subscriptions that `disable` cleared and writes the audit entry, in one transaction.
    ///
    /// - Returns: whether this call did it; false when the app is not disabled.
    func enable(appID: Int64, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool
}
