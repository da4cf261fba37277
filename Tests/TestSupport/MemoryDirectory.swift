package import Directory
package import Model
import System

/// A directory in arrays. Can be used from several threads.
///
/// Copies share their rows, so that a test sees the changes that the code under test makes.
package struct MemoryDirectory: DirectoryStore {
    struct Rows: Sendable {
        var organizations: [Organization] = []
        var users: [User] = []
        var memberships: [Membership] = []
        var apps: [SentryApp] = []
        var components: [SentryAppComponent] = []
        var installations: [Installation] = []
        var serviceHooks: [ServiceHook] = []
        var projects: [Project] = []
        var issueEvents: [IssueEvent] = []
        var tokens: [APIToken] = []
        var logins: [Int64: Login] = [:]
        var apiKeys: [String: APIKey] = [:]
        var organizationTokens: [TokenDigest: OrganizationToken] = [:]
        var lacksMemberCopies = false
        var lacksOrganizationCopies = false
        var auditEntries: [AuditEntry] = []
        var notices: [DisablingNotice] = []
        var lastNoticeID: Int64 = 0
        var failure: DirectoryError?
        var releases: ClosedRange<ProtocolRelease>?
    }

    let rows = Lock(Rows())

    package init() {}

    /// Runs `body` with exclusive access to the rows.
    func withRows<Value>(_ body: (inout Rows) -> Value) throws(DirectoryError) -> Value {
        try rows.withLock { rows throws(DirectoryError) in
            if let failure = rows.failure { throw failure }
            return body(&rows)
        }
    }

    package func releases() throws(DirectoryError) -> ClosedRange<ProtocolRelease>? {
        try withRows { $0.releases }
    }

    /// As if its tables were those of these releases of the original.
    package func becomeTables(of releases: ClosedRange<ProtocolRelease>) throws {
        try withRows { $0.releases = releases }
    }

    package func app(slug: String) throws(DirectoryError) -> SentryApp? {
        try withRows { $0.apps.first { $0.slug == slug && $0.dateDeleted == nil } }
    }

    package func app(proxyUserID: Int64) throws(DirectoryError) -> SentryApp? {
        try withRows { $0.apps.first { $0.proxyUserID == proxyUserID && $0.dateDeleted == nil } }
    }

    package func components(appID: Int64) throws(DirectoryError) -> [SentryAppComponent] {
        try withRows { $0.components.filter { $0.appID == appID } }
    }

    package func user(login: String) throws(DirectoryError) -> User? {
        try withRows { rows in
            if let exact = rows.users.first(where: { $0.username == login }) { return exact }
            let matching = rows.users.filter { $0.email.lowercased() == login.lowercased() }
            return matching.count == 1 ? matching[0] : nil
        }
    }

    package func user(id: Int64) throws(DirectoryError) -> User? {
        try withRows { $0.users.first { $0.id == id } }
    }

    package func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership? {
        try withRows { $0.memberships.first { $0.userID == userID && $0.organizationID == organizationID } }
    }

    package func token(_ presented: PresentedCredential) throws(DirectoryError) -> APIToken? {
        try withRows { $0.tokens.first { $0.digest == presented.digest } }
    }

    package func organization(id: Int64) throws(DirectoryError) -> Organization? {
        try withRows { $0.organizations.first { $0.id == id } }
    }

    package func organization(slug: String) throws(DirectoryError) -> Organization? {
        try withRows { $0.organizations.first { $0.slug == slug } }
    }

    package func project(id: Int64) throws(DirectoryError) -> Project? {
        try withRows { $0.projects.first { $0.id == id } }
    }

    package func issueEvent(projectID: Int64, eventID: String) throws(DirectoryError) -> IssueEvent? {
        try withRows { $0.issueEvents.first { $0.projectID == projectID && $0.eventID == eventID } }
    }

    package func hasInstallation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        try withRows {
            $0.installations.contains {
                $0.appID == appID && $0.organizationID == organizationID && $0.dateDeleted == nil
            }
        }
    }

    package func installationStatistics(
        appID: Int64, addedIn range: ClosedRange<Timestamp>
    ) throws(DirectoryError) -> InstallationStatistics {
        let all = try withRows { $0.installations.filter { $0.appID == appID } }
        return InstallationStatistics(
            totalInstalls: all.count, totalUninstalls: all.count { $0.dateDeleted != nil },
            inRange: all.filter { range.contains($0.dateAdded) }.map {
                InstallationStatistics.Dates(added: $0.dateAdded, deleted: $0.dateDeleted)
            })
    }
}

/// The rows, to set up and to look at.
extension MemoryDirectory {
    package var organizations: [Organization] {
        get { rows.withLock { $0.organizations } }
        set { rows.withLock { $0.organizations = newValue } }
    }

    package var users: [User] {
        get { rows.withLock { $0.users } }
        set { rows.withLock { $0.users = newValue } }
    }

    package var memberships: [Membership] {
        get { rows.withLock { $0.memberships } }
        set { rows.withLock { $0.memberships = newValue } }
    }

    package var apps: [SentryApp] {
        get { rows.withLock { $0.apps } }
        set { rows.withLock { $0.apps = newValue } }
    }

    package var components: [SentryAppComponent] {
        get { rows.withLock { $0.components } }
        set { rows.withLock { $0.components = newValue } }
    }

    package var installations: [Installation] {
        get { rows.withLock { $0.installations } }
        set { rows.withLock { $0.installations = newValue } }
    }

    package var serviceHooks: [ServiceHook] {
        get { rows.withLock { $0.serviceHooks } }
        set { rows.withLock { $0.serviceHooks = newValue } }
    }

    package var projects: [Project] {
        get { rows.withLock { $0.projects } }
        set { rows.withLock { $0.projects = newValue } }
    }

    package var issueEvents: [IssueEvent] {
        get { rows.withLock { $0.issueEvents } }
        set { rows.withLock { $0.issueEvents = newValue } }
    }

    package var tokens: [APIToken] {
        get { rows.withLock { $0.tokens } }
        set { rows.withLock { $0.tokens = newValue } }
    }

    package var auditEntries: [AuditEntry] {
        get { rows.withLock { $0.auditEntries } }
        set { rows.withLock { $0.auditEntries = newValue } }
    }

    /// The pending notices, oldest first.
    package var notices: [DisablingNotice] { rows.withLock { $0.notices } }

    /// When set, every question and every change fails with it.
    package var failure: DirectoryError? {
        get { rows.withLock { $0.failure } }
        set { rows.withLock { $0.failure = newValue } }
    }
}
