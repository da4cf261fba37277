package import Directory
package import Model

/// Opens an empty directory, wherever it is, in which something is missing that does not keep programs from starting.
package struct IncompleteDirectoryOpener: DirectoryOpening {
    private let findings: [String]

    package init(findings: [String]) {
        self.findings = findings
    }

    package func validate(_ location: DirectoryLocation) throws(DirectoryLocation.ParseError) {}

    package func open(
        _ location: DirectoryLocation, limits: DirectoryLimits
    ) throws(DirectoryError) -> any DirectoryDatabase {
        IncompleteDirectory(missing: findings)
    }

    package func openForWriting(
        _ location: DirectoryLocation, secretKeys: SecretKeyFile
    ) throws(DirectoryError) -> any DirectoryWriter {
        throw .unopened(location: "", reason: "it cannot be written")
    }

    package func exists(_ location: DirectoryLocation) throws(DirectoryError) -> Bool { true }

    package func migrate(_ location: DirectoryLocation, isStandalone: Bool) throws(DirectoryError) -> String { "" }
}

/// An empty directory in which something is missing.
package struct IncompleteDirectory: DirectoryDatabase {
    private let missing: [String]

    package let name = "incomplete"

    package init(missing: [String]) {
        self.missing = missing
    }

    package func check() throws(DirectoryError) {}
    package func findings() throws(DirectoryError) -> [String] { missing }
    package func storedSecrets() throws(DirectoryError) -> StoredSecrets { StoredSecrets([], keys: .none) }
    package func rewriteSecrets(
        _ form: SecretRewriting, at now: Timestamp, audit: (RepairedApp) -> AuditEntry.Draft
    ) throws(DirectoryError) -> RewrittenSecrets {
        RewrittenSecrets()
    }
}

extension IncompleteDirectory {
    package func app(slug: String) throws(DirectoryError) -> SentryApp? { nil }
    package func app(id: Int64) throws(DirectoryError) -> SentryApp? { nil }
    package func app(proxyUserID: Int64) throws(DirectoryError) -> SentryApp? { nil }
    package func anyApp(slug: String) throws(DirectoryError) -> SentryApp? { nil }
    package func apps() throws(DirectoryError) -> [(app: SentryApp, owner: Organization?)] { [] }
    package func appSlugs(
        ownedBy organizationIDs: [Int64]?, status: SentryApp.Status?, limit: Int
    ) throws(DirectoryError) -> [String] { [] }
    package func appIDs(after id: Int64, limit: Int) throws(DirectoryError) -> [Int64] { [] }
    package func components(appID: Int64) throws(DirectoryError) -> [SentryAppComponent] { [] }

    package func user(login: String) throws(DirectoryError) -> User? { nil }
    package func user(id: Int64) throws(DirectoryError) -> User? { nil }
    package func owners(organizationID: Int64) throws(DirectoryError) -> [User] { [] }
    package func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership? { nil }
    package func memberships(userID: Int64) throws(DirectoryError) -> [Membership] { [] }
    package func token(_ presented: PresentedCredential) throws(DirectoryError) -> APIToken? { nil }
    package func tokens() throws(DirectoryError) -> [(token: APIToken, user: User)] { [] }

    package func organization(id: Int64) throws(DirectoryError) -> Organization? { nil }
    package func organization(slug: String) throws(DirectoryError) -> Organization? { nil }
    package func organizations() throws(DirectoryError) -> [Organization] { [] }
    package func users() throws(DirectoryError) -> [User] { [] }
    package func members(
        organizationID: Int64
    ) throws(DirectoryError) -> [(user: User, membership: Membership)] { [] }
    package func organizationIDs(installing appID: Int64, limit: Int) throws(DirectoryError) -> [Int64] { [] }
    package func project(id: Int64) throws(DirectoryError) -> Project? { nil }
    package func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project? { nil }
    package func issueEvent(projectID: Int64, eventID: String) throws(DirectoryError) -> IssueEvent? { nil }

    package func installation(uuid: String) throws(DirectoryError) -> Installation? { nil }
    package func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation? { nil }
    package func installations(appID: Int64, limit: Int) throws(DirectoryError) -> [Installation] { [] }
    package func lastInstallation(appID: Int64) throws(DirectoryError) -> Installation? { nil }
    package func hasInstallation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool { false }
    package func installationStatistics(
        appID: Int64, addedIn range: ClosedRange<Timestamp>
    ) throws(DirectoryError) -> InstallationStatistics {
        InstallationStatistics(totalInstalls: 0, totalUninstalls: 0, inRange: [])
    }
    package func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook? {
        nil
    }

    package func disable(
        appID: Int64, reason: String, audit: AuditEntry.Draft, notifies: Bool
    ) throws(DirectoryError) -> Bool { false }
    package func enable(appID: Int64, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool { false }
    package func pendingNotices(limit: Int) throws(DirectoryError) -> [DisablingNotice] { [] }
    package func record(_ audit: AuditEntry.Draft) throws(DirectoryError) {}
    package func changeSettings(
        ofApp id: Int64, at now: Timestamp, _ change: (inout AppSettings) -> AuditEntry.Draft?
    ) throws(DirectoryError) -> Bool { false }

    package func auditEntries(
        _ query: AuditQuery, after last: AuditEntry?, limit: Int
    ) throws(DirectoryError) -> [AuditEntry] { [] }

    package func completeNotice(id: Int64) throws(DirectoryError) {}
    package func document() throws(DirectoryError) -> DirectoryDocument { DirectoryDocument() }
}

/// Nothing in it can be changed.
extension IncompleteDirectory {
    package func managementProblem() throws(DirectoryError) -> DirectoryError? {
        .unavailable(location: name, reason: "it cannot be written")
    }

    package func lastChange(of key: RowKey) throws(DirectoryError) -> Timestamp? { nil }

    package func installations(organizationID: Int64, limit: Int) throws(DirectoryError) -> [Installation] { [] }

    package func changeRows<Result, Failure: Error>(
        at now: Timestamp, failing: (DirectoryError) -> Failure,
        _ body: (any DirectoryRows) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        throw failing(.unavailable(location: name, reason: "it cannot be written"))
    }
}
