package import Model

/// Read access to organizations, users, apps, installations and tokens.
///
/// Each call is a single lookup by key, so that an embedded database and the original's PostgreSQL tables can both
/// serve it. Implementations can be called from several threads. Absent rows are nil, never an error.
package protocol DirectoryStore: Sendable {
    /// The app with this slug, exactly; soft-deleted apps do not exist.
    func app(slug: String) throws(DirectoryError) -> SentryApp?

    /// The app that this proxy user acts for.
    func app(proxyUserID: Int64) throws(DirectoryError) -> SentryApp?

    /// The app's components in the order of their positions.
    func components(appID: Int64) throws(DirectoryError) -> [SentryAppComponent]

    /// The user of a login: by user name exactly, else by e-mail address (ASCII case ignored) when it is unique.
    func user(login: String) throws(DirectoryError) -> User?

    /// The user with this id, active or not.
    func user(id: Int64) throws(DirectoryError) -> User?

    /// The user's membership in the organization.
    func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership?

    /// The token that a request presents, expired or not.
    func token(_ presented: PresentedCredential) throws(DirectoryError) -> APIToken?

    /// The organization's API key that a request presents, active or not.
    func apiKey(_ presented: PresentedCredential) throws(DirectoryError) -> APIKey?

    /// The organization's token that a request presents; deactivated ones do not exist.
    func organizationToken(_ presented: PresentedCredential) throws(DirectoryError) -> OrganizationToken?

    /// What a session of the user with this id is checked against, active or not; nil in a directory without passwords.
    func sessionUser(id: Int64) throws(DirectoryError) -> SessionUser?

    /// Whether an app's details count the user as a member of the organization.
    ///
    /// The original decides its details page from copies of its tables, which may lag (docs/protocol.md 4.2).
    func isMemberInCopies(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool

    /// The organization as an app's details show it: from the same copies.
    func organizationInCopies(id: Int64) throws(DirectoryError) -> Organization?

    /// The organization with this id, in any status.
    func organization(id: Int64) throws(DirectoryError) -> Organization?

    /// The organization with this slug, exactly, in any status.
    func organization(slug: String) throws(DirectoryError) -> Organization?

    /// The project with this id.
    func project(id: Int64) throws(DirectoryError) -> Project?

    /// The event of the project; an event that has no issue yet has no group.
    ///
    /// - Parameter eventID: 32 lower-case hexadecimal digits.
    func issueEvent(projectID: Int64, eventID: String) throws(DirectoryError) -> IssueEvent?

    /// Whether the app has an installation in the organization that is not deleted.
    func hasInstallation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool

    /// Counts of installations and uninstallations in total, and the dates of those added in `range` (both ends
    /// included, deleted ones too).
    func installationStatistics(
        appID: Int64, addedIn range: ClosedRange<Timestamp>
    ) throws(DirectoryError) -> InstallationStatistics

    /// The releases of the original whose tables these can be; nil = the directory is Hookline's own.
    ///
    /// What is known already, without asking a database again.
    func releases() throws(DirectoryError) -> ClosedRange<ProtocolRelease>?

    /// How long values that are made from looked-up rows stay valid; nil = rows are not cached, so such values must not
    /// be cached either.
    var cacheValidity: DirectoryCacheValidity? { get }
}

extension DirectoryStore {
    package func releases() throws(DirectoryError) -> ClosedRange<ProtocolRelease>? { nil }

    package var cacheValidity: DirectoryCacheValidity? { nil }
}

/// A stand-alone directory: its only credentials are tokens, and it has no copies.
extension DirectoryStore {
    package func apiKey(_ presented: PresentedCredential) throws(DirectoryError) -> APIKey? { nil }

    package func organizationToken(_ presented: PresentedCredential) throws(DirectoryError) -> OrganizationToken? {
        nil
    }

    package func sessionUser(id: Int64) throws(DirectoryError) -> SessionUser? { nil }

    package func isMemberInCopies(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        try membership(userID: userID, organizationID: organizationID) != nil
    }

    package func organizationInCopies(id: Int64) throws(DirectoryError) -> Organization? {
        try organization(id: id)
    }
}

/// The counts of `/stats/` (docs/protocol.md 4.1).
package struct InstallationStatistics: Hashable, Sendable {
    /// All installations, deleted ones included.
    package var totalInstalls: Int
    /// Deleted installations.
    package var totalUninstalls: Int
    /// Dates of the installations added in the requested range.
    package var inRange: [Dates]

    /// When one installation was added and, if it is deleted, when.
    package struct Dates: Hashable, Sendable {
        package var added: Timestamp
        package var deleted: Timestamp?

        package init(added: Timestamp, deleted: Timestamp?) {
            self.added = added
            self.deleted = deleted
        }
    }

    package init(totalInstalls: Int, totalUninstalls: Int, inRange: [Dates]) {
        self.totalInstalls = totalInstalls
        self.totalUninstalls = totalUninstalls
        self.inRange = inRange
    }
}

/// Lists of apps, memberships and installations. Lists are never cached.
package protocol AppListing: DirectoryStore {
    /// The slugs of apps that are not deleted, newest app first.
    ///
    /// - Parameters:
    ///   - organizationIDs: only apps owned by these organizations; nil = all.
    ///   - status: only apps in this status; nil = all.
    ///   - limit: at most this many.
    func appSlugs(
        ownedBy organizationIDs: [Int64]?, status: SentryApp.Status?, limit: Int
    ) throws(DirectoryError) -> [String]

    /// The ids of apps that are not deleted, ascending, from the first one greater than `id` on; at most `limit`.
    ///
    /// For visiting every app a few at a time, without holding anything between two calls.
    func appIDs(after id: Int64, limit: Int) throws(DirectoryError) -> [Int64]

    /// The user's memberships, ordered by organization id.
    func memberships(userID: Int64) throws(DirectoryError) -> [Membership]

    /// The app's installations that are not deleted, ordered by organization id; at most `limit`.
    func installations(appID: Int64, limit: Int) throws(DirectoryError) -> [Installation]

    /// The app's installation in the organization: the one that is not deleted, else the newest.
    func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation?

    /// The app's newest installation, deleted or not.
    func lastInstallation(appID: Int64) throws(DirectoryError) -> Installation?
}

/// Why a call of the directory failed.
package enum DirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The store at `location` cannot be opened.
    case unopened(location: String, reason: String)
    /// The store at `location` cannot be read or written.
    case unavailable(location: String, reason: String)
    /// The store was written by a newer version of Hookline than this one.
    case newerSchema(location: String, found: Int, supported: Int)
    /// The store's tables are those of an older version, or there are none; opening for reading never migrates.
    case olderSchema(location: String, found: Int, supported: Int)
    /// A row has an invalid value.
    case corrupt(table: String, reason: String)
    /// A write was refused: a unique value is taken, or a referenced row does not exist.
    case conflict(reason: String)
    /// The database's role may not read, or not change, a table or column that the call needs.
    ///
    /// - Parameters:
    ///   - object: `public.sentry_apitoken.hashed_token`.
    ///   - grant: the SQL statement that gives the right.
    case missingRight(location: String, object: String, grant: String)
    /// The tables belong to another program, which alone may change them.
    case readOnlyTables(location: String, reason: String)

    package var description: String {
        switch self {
        case .unopened(let location, let reason): "cannot open the directory database \(location): \(reason)"
        case .unavailable(let location, let reason): "cannot use the directory database \(location): \(reason)"
        case .newerSchema(let location, let found, let supported):
            "the directory \(location) has schema \(found), this program knows up to \(supported): use a newer Hookline"
        case .olderSchema(let location, let found, let supported):
            "the directory \(location) has schema \(found), this program needs \(supported): "
                + "run 'hookline directory migrate'"
        case .corrupt(let table, let reason): "the directory's table \(table) has an invalid row: \(reason)"
        case .conflict(let reason): "the directory refused the change: \(reason)"
        case .missingRight(let location, let object, let grant):
            "the role may not use \(object) of the directory database \(location); an administrator can execute "
                + "\(grant); conf/postgresql/role.sql gives the rights that programs need; imports, "
                + "token commands and rotations of secrets need the role that owns the tables"
        case .readOnlyTables(let location, let reason):
            "the directory database \(location) cannot be changed: \(reason)"
        }
    }
}
