package import Directory
package import Model
import System

/// A directory of plain arrays, for tests of what asks the directory. Safe to use from many threads.
///
/// Copies share their rows, so that a test sees the changes that the part under test makes.
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
        var auditEntries: [AuditEntry] = []
        var notices: [DisablingNotice] = []
        var lastNoticeID: Int64 = 0
        var failure: DirectoryError?
    }

    let rows = Lock(Rows())

    package init() {}

    /// What `body` finds, or does, while nobody else looks at the rows.
    func answer<Value>(_ body: (inout Rows) -> Value) throws(DirectoryError) -> Value {
        try rows.withLock { rows throws(DirectoryError) in
            if let failure = rows.failure { throw failure }
            return body(&rows)
        }
    }

    package func app(slug: String) throws(DirectoryError) -> SentryApp? {
        try answer { $0.apps.first { $0.slug == slug && $0.dateDeleted == nil } }
    }

    package func app(proxyUserID: Int64) throws(DirectoryError) -> SentryApp? {
        try answer { $0.apps.first { $0.proxyUserID == proxyUserID && $0.dateDeleted == nil } }
    }

    package func components(appID: Int64) throws(DirectoryError) -> [SentryAppComponent] {
        try answer { $0.components.filter { $0.appID == appID } }
    }

    package func user(login: String) throws(DirectoryError) -> User? {
        try answer { rows in
            if let exact = rows.users.first(where: { $0.username == login }) { return exact }
            let matching = rows.users.filter { $0.email.lowercased() == login.lowercased() }
            return matching.count == 1 ? matching[0] : nil
        }
    }

    package func user(id: Int64) throws(DirectoryError) -> User? {
        try answer { $0.users.first { $0.id == id } }
    }

    package func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership? {
        try answer { $0.memberships.first { $0.userID == userID && $0.organizationID == organizationID } }
    }

    package func token(digest: TokenDigest) throws(DirectoryError) -> APIToken? {
        try answer { $0.tokens.first { $0.digest == digest } }
    }

    package func organization(id: Int64) throws(DirectoryError) -> Organization? {
        try answer { $0.organizations.first { $0.id == id } }
    }

    package func organization(slug: String) throws(DirectoryError) -> Organization? {
        try answer { $0.organizations.first { $0.slug == slug } }
    }

    package func project(id: Int64) throws(DirectoryError) -> Project? {
        try answer { $0.projects.first { $0.id == id } }
    }

    package func issueEvent(projectID: Int64, eventID: String) throws(DirectoryError) -> IssueEvent? {
        try answer { $0.issueEvents.first { $0.projectID == projectID && $0.eventID == eventID } }
    }

    package func hasInstallation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        try answer {
            $0.installations.contains {
                $0.appID == appID && $0.organizationID == organizationID && $0.dateDeleted == nil
            }
        }
    }

    package func installationStatistics(
        appID: Int64, addedIn range: ClosedRange<Timestamp>
    ) throws(DirectoryError) -> InstallationStatistics {
        let all = try answer { $0.installations.filter { $0.appID == appID } }
        return InstallationStatistics(
            totalInstalls: all.count, totalUninstalls: all.count { $0.dateDeleted != nil },
            inRange: all.filter { range.contains($0.dateAdded) }.map {
                InstallationStatistics.Dates(added: $0.dateAdded, deleted: $0.dateDeleted)
            })
    }
}
