package import Model

extension SQLiteDirectory {
    package func app(slug: String) throws(DirectoryError) -> SentryApp? {
        try app(by: .appBySlug, .text(slug))
    }

    package func app(proxyUserID: Int64) throws(DirectoryError) -> SentryApp? {
        try app(by: .appByProxyUser, .integer(proxyUserID))
    }

    package func components(appID: Int64) throws(DirectoryError) -> [SentryAppComponent] {
        try rows(of: .components, .integer(appID)) { row throws(DirectoryError) in row.component() }
    }

    package func user(login: String) throws(DirectoryError) -> User? {
        guard !login.isEmpty else { return nil }
        return try withDatabase { database throws(DirectoryError) in
            let named = try rows(of: .userByUsername, [.text(login)], in: database) { row throws(DirectoryError) in
                row.user()
            }
            if let user = named.first { return user }
            let addressed = try rows(of: .usersByEmail, [.text(login)], in: database) { row throws(DirectoryError) in
                row.user()
            }
            return addressed.count == 1 ? addressed[0] : nil
        }
    }

    package func user(id: Int64) throws(DirectoryError) -> User? {
        try rows(of: .userByID, .integer(id)) { row throws(DirectoryError) in row.user() }.first
    }

    package func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership? {
        try rows(of: .membership, .integer(userID), .integer(organizationID)) { row throws(DirectoryError) in
            try row.membership(userID: userID, organizationID: organizationID)
        }.first
    }

    package func token(_ presented: PresentedCredential) throws(DirectoryError) -> APIToken? {
        try token(digest: presented.digest)
    }

    /// The token with this SHA-256, expired or not.
    package func token(digest: TokenDigest) throws(DirectoryError) -> APIToken? {
        try rows(of: .token, .text(digest.rawValue)) { row throws(DirectoryError) in try row.token() }.first
    }

    package func organization(id: Int64) throws(DirectoryError) -> Organization? {
        try rows(of: .organizationByID, .integer(id)) { row throws(DirectoryError) in try row.organization() }.first
    }

    package func organization(slug: String) throws(DirectoryError) -> Organization? {
        try rows(of: .organizationBySlug, .text(slug)) { row throws(DirectoryError) in try row.organization() }.first
    }

    package func project(id: Int64) throws(DirectoryError) -> Project? {
        try rows(of: .project, .integer(id)) { row throws(DirectoryError) in
            row.project()
        }.first
    }

    package func issueEvent(projectID: Int64, eventID: String) throws(DirectoryError) -> IssueEvent? {
        try rows(of: .issueEvent, .integer(projectID), .text(eventID)) { row throws(DirectoryError) in
            IssueEvent(projectID: projectID, eventID: eventID, groupID: row.optionalInteger(0))
        }.first
    }

    package func hasInstallation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        let found = try rows(of: .hasInstallation, .integer(appID), .integer(organizationID)) {
            row throws(DirectoryError) in row.integer(0)
        }
        return !found.isEmpty
    }

    package func installationStatistics(
        appID: Int64, addedIn range: ClosedRange<Timestamp>
    ) throws(DirectoryError) -> InstallationStatistics {
        try withDatabase { database throws(DirectoryError) in
            let totals = try rows(of: .installationTotals, [.integer(appID)], in: database) {
                row throws(DirectoryError) in (Int(row.integer(0)), Int(row.integer(1)))
            }
            let inRange = try rows(
                of: .installationsInRange,
                [
                    .integer(appID), .integer(range.lowerBound.microseconds), .integer(range.upperBound.microseconds),
                ], in: database
            ) { row throws(DirectoryError) in
                InstallationStatistics.Dates(added: row.timestamp(0), deleted: row.optionalTimestamp(1))
            }
            let (installs, uninstalls) = totals.first ?? (0, 0)
            return InstallationStatistics(totalInstalls: installs, totalUninstalls: uninstalls, inRange: inRange)
        }
    }

    /// The app that a query finds by its key, with avatars, features, headers and previous secrets.
    func app(by query: DirectoryQuery, _ key: SQLiteValue) throws(DirectoryError) -> SentryApp? {
        try withDatabase { database throws(DirectoryError) in
            let apps = try rows(of: query, [key], in: database) { row throws(DirectoryError) in try row.app() }
            guard var app = apps.first else { return nil }
            try database.complete(&app, location: path)
            return app
        }
    }
}
