package import Model

/// A directory that can be changed row by row, for the management API and the command line.
package protocol ManagedDirectory: DirectoryStore {
    /// Why this program cannot change rows; nil when it can.
    ///
    /// - Returns: `readOnlyTables` when they belong to another program, `missingRight` or `unavailable` when this one
    ///   may only read.
    func managementProblem() throws(DirectoryError) -> DirectoryError?

    /// When a row was last added, changed or removed; nil when that is not recorded.
    func lastChange(of key: RowKey) throws(DirectoryError) -> Timestamp?

    /// The organization's installations that are not deleted, ordered by id; at most `limit`.
    func installations(organizationID: Int64, limit: Int) throws(DirectoryError) -> [Installation]

    /// Runs `body` in one transaction that no other change of the directory runs beside; any error rolls it back.
    ///
    /// - Parameters:
    ///   - now: the time of the changes.
    ///   - failing: makes the error of the caller.
    func changeRows<Result, Failure: Error>(
        at now: Timestamp, failing: (DirectoryError) -> Failure,
        _ body: (any DirectoryRows) throws(Failure) -> Result
    ) throws(Failure) -> Result
}

/// The rows of a directory in a transaction that changes some of them.
package protocol DirectoryRows {
    /// The app with everything that is a part of it; soft-deleted apps do not exist.
    func app(id: Int64) throws(DirectoryError) -> DirectoryDocument.AppEntry?

    /// Whether an app has this slug, soft-deleted ones included.
    func isSlugTaken(_ slug: String) throws(DirectoryError) -> Bool

    /// The installation with this uuid; deleted ones do not exist.
    func installation(uuid: String) throws(DirectoryError) -> Installation?

    /// The app's installation in the organization; deleted ones do not exist.
    func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation?

    /// When a row was last added, changed or removed; nil when that is not recorded.
    func lastChange(of key: RowKey) throws(DirectoryError) -> Timestamp?

    /// An id that no row of this kind has or had: keys in Redis are made of ids.
    ///
    /// - Parameter kind: one whose rows have numbers as keys.
    func nextID(of kind: RowKind) throws(DirectoryError) -> Int64

    /// Adds rows, and replaces those with the same keys as a whole. Components without an id get one.
    ///
    /// - Throws: `conflict` when a unique value is taken or a referenced row does not exist.
    func write(_ document: DirectoryDocument) throws(DirectoryError)

    /// Marks all installations of the app as deleted.
    ///
    /// - Returns: how many there were.
    @discardableResult
    func deleteInstallations(ofApp id: Int64) throws(DirectoryError) -> Int

    /// Gives the service hooks of the app's installations this URL and these subscriptions. Hooks that have them
    /// already are not changed.
    ///
    /// - Returns: whether any was changed.
    @discardableResult
    func updateHooks(ofApp id: Int64, url: String, events: [String]) throws(DirectoryError) -> Bool

    /// Adds an entry to the audit log.
    func record(_ audit: AuditEntry.Draft) throws(DirectoryError)

    /// The organization with this slug, exactly, in any status.
    func organization(slug: String) throws(DirectoryError) -> Organization?

    /// The user with this id, active or not.
    func user(id: Int64) throws(DirectoryError) -> User?

    /// The user with this user name, exactly.
    func user(username: String) throws(DirectoryError) -> User?

    /// Users with this e-mail address (ASCII case ignored): at most two, which show that it is not unique.
    func users(email: String) throws(DirectoryError) -> [User]

    /// The user's membership in the organization.
    func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership?

    /// The organizations that the user is a member of, ordered by id.
    func organizationIDs(ofUser id: Int64) throws(DirectoryError) -> [Int64]

    /// The active users whose role in the organization is owner, ordered by id.
    func owners(organizationID: Int64) throws(DirectoryError) -> [User]

    /// Removes the user's membership in the organization; without effect when there is none.
    func removeMembership(userID: Int64, organizationID: Int64) throws(DirectoryError)
}

extension RowKind {
    /// The table of the embedded directory, for kinds whose rows have an id.
    var tableWithID: String? {
        switch self {
        case .organizations: "organizations"
        case .users: "users"
        case .apps: "apps"
        case .installations: "installations"
        case .serviceHooks: "service_hooks"
        case .projects: "projects"
        case .auditEntries: "audit_entries"
        case .memberships, .issueEvents, .tokens: nil
        }
    }
}
