package import Directory
package import Model

/// A directory of plain arrays, for tests of what asks the directory.
package struct MemoryDirectory: Directory {
    package var organizations: [Organization] = []
    package var users: [User] = []
    package var memberships: [Membership] = []
    package var apps: [SentryApp] = []
    package var components: [SentryAppComponent] = []
    package var installations: [Installation] = []
    package var projects: [Project] = []
    package var issueEvents: [IssueEvent] = []
    package var tokens: [APIToken] = []
    /// When set, every question fails with it.
    package var failure: DirectoryError?

    package init() {}

    private func answer<Value>(_ value: Value) throws(DirectoryError) -> Value {
        if let failure { throw failure }
        return value
    }

    package func app(slug: String) throws(DirectoryError) -> SentryApp? {
        try answer(apps.first { $0.slug == slug && $0.dateDeleted == nil })
    }

    package func app(proxyUserID: Int64) throws(DirectoryError) -> SentryApp? {
        try answer(apps.first { $0.proxyUserID == proxyUserID && $0.dateDeleted == nil })
    }

    package func components(appID: Int64) throws(DirectoryError) -> [SentryAppComponent] {
        try answer(components.filter { $0.appID == appID })
    }

    package func user(login: String) throws(DirectoryError) -> User? {
        if let exact = users.first(where: { $0.username == login }) { return try answer(exact) }
        let matching = users.filter { $0.email.lowercased() == login.lowercased() }
        return try answer(matching.count == 1 ? matching[0] : nil)
    }

    package func user(id: Int64) throws(DirectoryError) -> User? {
        try answer(users.first { $0.id == id })
    }

    package func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership? {
        try answer(memberships.first { $0.userID == userID && $0.organizationID == organizationID })
    }

    package func token(digest: TokenDigest) throws(DirectoryError) -> APIToken? {
        try answer(tokens.first { $0.digest == digest })
    }

    package func organization(id: Int64) throws(DirectoryError) -> Organization? {
        try answer(organizations.first { $0.id == id })
    }

    package func organization(slug: String) throws(DirectoryError) -> Organization? {
        try answer(organizations.first { $0.slug == slug })
    }

    package func project(id: Int64) throws(DirectoryError) -> Project? {
        try answer(projects.first { $0.id == id })
    }

    package func issueEvent(projectID: Int64, eventID: String) throws(DirectoryError) -> IssueEvent? {
        try answer(issueEvents.first { $0.projectID == projectID && $0.eventID == eventID })
    }

    package func hasInstallation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        try answer(
            installations.contains {
                $0.appID == appID && $0.organizationID == organizationID && $0.dateDeleted == nil
            })
    }

    package func installationStatistics(
        appID: Int64, addedIn range: ClosedRange<Timestamp>
    ) throws(DirectoryError) -> InstallationStatistics {
        let all = installations.filter { $0.appID == appID }
        return try answer(
            InstallationStatistics(
                totalInstalls: all.count, totalUninstalls: all.count { $0.dateDeleted != nil },
                inRange: all.filter { range.contains($0.dateAdded) }.map {
                    InstallationStatistics.Dates(added: $0.dateAdded, deleted: $0.dateDeleted)
                }))
    }
}
