package import Directory
package import Model
import PostgreSQL

extension PostgreSQLDirectory {
    package func app(slug: String) throws(DirectoryError) -> SentryApp? {
        try app(.appBySlug, .text(slug), toleratesEncryption: true)
    }

    package func app(proxyUserID: Int64) throws(DirectoryError) -> SentryApp? {
        try app(.appByProxyUser, .integer(proxyUserID), toleratesEncryption: true)
    }

    package func components(appID: Int64) throws(DirectoryError) -> [SentryAppComponent] {
        try rows(of: .components, .integer(appID), from: Tables.component) { (row) throws(DirectoryError) in
            try row.component()
        }
    }

    /// On the original's tables by user name only: they have no index on addresses.
    package func user(login: String) throws(DirectoryError) -> User? {
        guard !login.isEmpty else { return nil }
        let found = try rows(of: .userByLogin, .text(login), from: Tables.user) { (row) throws(DirectoryError) in
            (user: try row.user(), isAddress: try row.integer() == 1)
        }
        if let named = found.first(where: { !$0.isAddress }) { return named.user }
        return found.count == 1 ? found[0].user : nil
    }

    package func user(id: Int64) throws(DirectoryError) -> User? {
        try rows(of: .userByID, .integer(id), from: Tables.user) { (row) throws(DirectoryError) in
            try row.user()
        }.first
    }

    package func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership? {
        try rows(of: .membership, .integer(userID), .integer(organizationID), from: Tables.member) {
            (row) throws(DirectoryError) in try row.membership(userID: userID)
        }.first
    }

    package func organization(id: Int64) throws(DirectoryError) -> Organization? {
        try organization(.organizationByID, .integer(id))
    }

    package func organization(slug: String) throws(DirectoryError) -> Organization? {
        try organization(.organizationBySlug, .text(slug))
    }

    package func project(id: Int64) throws(DirectoryError) -> Project? {
        try rows(of: .project, .integer(id), from: Tables.project) { (row) throws(DirectoryError) in
            try row.project()
        }.first
    }

    package func hasInstallation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        let found = try rows(
            of: .hasInstallation, .integer(appID), .integer(organizationID), from: Tables.installation
        ) { (row) throws(DirectoryError) in try row.integer() }
        return !found.isEmpty
    }

    package func installationStatistics(
        appID: Int64, addedIn range: ClosedRange<Timestamp>
    ) throws(DirectoryError) -> InstallationStatistics {
        var statistics = InstallationStatistics(totalInstalls: 0, totalUninstalls: 0, inRange: [])
        _ = try rows(
            of: .installationStatistics, .integer(appID), .timestamp(range.lowerBound), .timestamp(range.upperBound),
            from: Tables.installation
        ) { (row) throws(DirectoryError) in
            statistics.totalInstalls = Int(try row.integer())
            statistics.totalUninstalls = Int(try row.integer())
            guard let added = try row.optionalTimestamp() else { return }
            statistics.inRange.append(.init(added: added, deleted: try row.optionalTimestamp()))
        }
        return statistics
    }

    /// The app that a look-up finds by its key.
    func app(
        _ lookUp: LookUp, _ key: PostgreSQLParameter, toleratesEncryption: Bool
    ) throws(DirectoryError) -> SentryApp? {
        try rows(of: lookUp, key, from: Tables.app) { (row) throws(DirectoryError) in
            try row.app(keys: keys, toleratesEncryption: toleratesEncryption)
        }.first
    }

    private func organization(
        _ lookUp: LookUp, _ key: PostgreSQLParameter
    ) throws(DirectoryError) -> Organization? {
        try rows(of: lookUp, key, from: Tables.organization) { (row) throws(DirectoryError) in
            try row.organization()
        }.first
    }
}

/// The copies from which the original decides its details page. A stand-alone directory has none.
extension PostgreSQLDirectory {
    package func isMemberInCopies(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        guard try facts().facts.has(Tables.memberCopy) else {
            return try membership(userID: userID, organizationID: organizationID) != nil
        }
        let found = try rows(
            of: .memberCopy, .integer(userID), .integer(organizationID), from: Tables.memberCopy
        ) { (row) throws(DirectoryError) in try row.integer() }
        return !found.isEmpty
    }

    package func organizationInCopies(id: Int64) throws(DirectoryError) -> Organization? {
        guard try facts().facts.has(Tables.organizationCopy) else { return try organization(id: id) }
        return try organization(.organizationCopy, .integer(id))
    }
}

/// Events and their issues.
extension PostgreSQLDirectory {
    /// From the original's node store, in two statements: only this program can unpack the first one's result. Nil also
    /// where this role may not read the node store or the hashes, which are optional rights (`missingRights`), and for
    /// events that are stored elsewhere.
    package func issueEvent(projectID: Int64, eventID: String) throws(DirectoryError) -> IssueEvent? {
        let known = try facts()
        if known.facts.isStandalone { return try ownEvent(projectID: projectID, eventID: eventID) }
        for lookUp in [LookUp.issueNode, .issueGroup] {
            if case .failure(.missingRight) = known.statement(lookUp) { return nil }
        }
        let nodes = try rows(
            of: .issueNode, .text(String(projectID)), .text(eventID), .integer(Int64(EventNode.maximumTextByteCount)),
            from: Tables.node
        ) { (row) throws(DirectoryError) in try row.optionalText() }
        guard case let text?? = nodes.first, let hashes = EventNode.hashes(of: text) else { return nil }
        guard !hashes.isEmpty else { return IssueEvent(projectID: projectID, eventID: eventID, groupID: nil) }
        let groups = try rows(of: .issueGroup, .integer(projectID), .textArray(hashes), from: Tables.groupHash) {
            (row) throws(DirectoryError) in try row.integer()
        }
        return IssueEvent(projectID: projectID, eventID: eventID, groupID: groups.first)
    }

    private func ownEvent(projectID: Int64, eventID: String) throws(DirectoryError) -> IssueEvent? {
        try rows(of: .ownIssueEvent, .integer(projectID), .text(eventID), from: Tables.issueEvents) {
            (row) throws(DirectoryError) in
            IssueEvent(projectID: projectID, eventID: eventID, groupID: try row.optionalInteger())
        }.first
    }
}
