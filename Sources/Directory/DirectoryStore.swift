package import Model

/// Who is who and whose is what: the questions that a request asks about organizations, users and apps.
///
/// Reads only, each one a single look-up by key, so that an embedded database and the original's own PostgreSQL tables
/// can both answer them. Implementations are safe to call from many threads. Absent rows are nil, never an error.
package protocol DirectoryStore: Sendable {
    /// The app with this slug, exactly; soft-deleted apps do not exist.
    func app(slug: String) throws(DirectoryError) -> SentryApp?

    /// The app that this proxy user acts for.
    func app(proxyUserID: Int64) throws(DirectoryError) -> SentryApp?

    /// The app's components in the order they were made.
    func components(appID: Int64) throws(DirectoryError) -> [SentryAppComponent]

    /// The user that nginx named: by user name exactly, else by e-mail address (ASCII case ignored) when just one has it.
    func user(login: String) throws(DirectoryError) -> User?

    /// The user with this number, active or not.
    func user(id: Int64) throws(DirectoryError) -> User?

    /// The user's place in the organization; nil for everybody else.
    func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership?

    /// The token with this SHA-256, expired or not.
    func token(digest: TokenDigest) throws(DirectoryError) -> APIToken?

    /// The organization with this number, whatever its status.
    func organization(id: Int64) throws(DirectoryError) -> Organization?

    /// The organization with this slug, exactly, whatever its status.
    func organization(slug: String) throws(DirectoryError) -> Organization?

    /// The project with this number.
    func project(id: Int64) throws(DirectoryError) -> Project?

    /// The event of the project; an event that has no issue yet has no group.
    ///
    /// - Parameter eventID: 32 lower-case hexadecimal digits.
    func issueEvent(projectID: Int64, eventID: String) throws(DirectoryError) -> IssueEvent?

    /// Whether the app has an installation in the organization that is not deleted.
    func hasInstallation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool

    /// How often the app was installed and uninstalled: in all, and the rows whose `date_added` is in `range` (both ends
    /// included), deleted ones too.
    func installationStatistics(
        appID: Int64, addedIn range: ClosedRange<Timestamp>
    ) throws(DirectoryError) -> InstallationStatistics

    /// How long values that are made from looked-up rows stay valid; nil = rows are not cached, so such values must not be
    /// cached either.
    var cacheValidity: DirectoryCacheValidity? { get }
}

extension DirectoryStore {
    package var cacheValidity: DirectoryCacheValidity? { nil }
}

/// The numbers behind `/stats/` (contract 4.1).
package struct InstallationStatistics: Hashable, Sendable {
    /// Every installation there ever was.
    package var totalInstalls: Int
    /// Those of them that are deleted.
    package var totalUninstalls: Int
    /// Dates of the installations added in the range that was asked for.
    package var inRange: [Dates]

    /// When one installation was added and, if so, deleted.
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
