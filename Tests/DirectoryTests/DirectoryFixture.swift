import Model
import TestSupport

@testable import Directory

/// A temporary directory file with a few rows of each table.
struct DirectoryFixture {
    let folder: TemporaryDirectory
    let path: String
    let directory: SQLiteDirectory

    static let imported = Timestamp(seconds: 1_700_000_000)

    init(_ document: DirectoryDocument = .sample, limits: SQLiteDirectory.Limits = .init()) throws {
        folder = try TemporaryDirectory()
        path = folder.file("directory.sqlite")
        try SQLiteDirectoryWriter(path: path).importDocument(document, isReplacing: false, at: Self.imported)
        directory = SQLiteDirectory(path: path, limits: limits)
    }

    func importDocument(
        _ document: DirectoryDocument, isReplacing: Bool = false, at now: Timestamp = Self.imported
    ) throws {
        try SQLiteDirectoryWriter(path: path).importDocument(document, isReplacing: isReplacing, at: now)
    }

    /// The problems of an import that must fail.
    func problems(of document: DirectoryDocument, isReplacing: Bool = false) throws -> [String] {
        do {
            try importDocument(document, isReplacing: isReplacing)
        } catch let error as DirectoryImportError {
            guard case .problems(let problems, _) = error else { throw error }
            return problems.map(\.description)
        }
        return []
    }
}

extension DirectoryDocument {
    /// Two organizations, four users, three apps (one deleted) and one row of everything else.
    static var sample: DirectoryDocument {
        var document = DirectoryDocument()
        document.organizations = [
            Organization(id: 1, slug: "acme", name: "Acme"),
            Organization(id: 2, slug: "globex", name: "Globex", status: .pendingDeletion),
        ]
        document.users = [
            User(id: 1, username: "alice", email: "Alice@Acme.example", name: "Owner"),
            User(id: 2, username: "bob@acme.example", email: "shared@acme.example", isActive: false),
            User(id: 3, username: "carol", email: "shared@acme.example", isSuperuser: true),
            User(id: 4, username: "proxy", email: "", isSentryApp: true),
        ]
        document.memberships = [
            Membership(userID: 1, organizationID: 1, role: .owner),
            Membership(userID: 2, organizationID: 1, role: .member, teamRoles: [.manager, .admin]),
        ]
        document.apps = [
            AppEntry(
                app: .full, dateAdded: Timestamp(seconds: 1000),
                components: [
                    Component(id: 7, type: "issue-link", schemaJSON: #"{"type":"issue-link"}"#),
                    Component(id: 5, type: "stacktrace-link", schemaJSON: "{}"),
                    Component(type: "issue-link", schemaJSON: "{}"),
                ]),
            AppEntry(
                app: SentryApp(id: 2, slug: "plain", name: "Plain", ownerID: 2, status: .internal, uuid: "uuid-2"),
                dateAdded: nil, components: []),
            AppEntry(
                app: SentryApp(
                    id: 3, slug: "gone", name: "Gone", ownerID: 1, status: .published, uuid: "uuid-3",
                    proxyUserID: 3, dateDeleted: Timestamp(seconds: 5)), dateAdded: nil, components: []),
        ]
        document.installations = [
            installation(id: 1, organization: 1, added: 100, deleted: nil),
            installation(id: 2, organization: 1, added: 200, deleted: 300),
            installation(id: 3, organization: 2, added: 300, deleted: 400),
        ]
        document.projects = [Project(id: 1, slug: "web", organizationID: 1)]
        document.serviceHooks = [
            ServiceHook(
                id: 1, installationID: 1, organizationID: 1, url: "https://example.com", events: ["issue.created"],
                projectIDs: [1])
        ]
        document.issueEvents = [
            IssueEvent(projectID: 1, eventID: String(repeating: "a", count: 32), groupID: 9),
            IssueEvent(projectID: 1, eventID: String(repeating: "b", count: 32), groupID: nil),
        ]
        document.tokens = [
            TokenEntry(
                digest: TokenDigest(hashing: "secret"), userID: 1, scopes: [ScopeSet(.orgRead), ScopeSet(.orgCI)],
                name: "for tests", expiresAt: Timestamp(microseconds: 1_800_000_000_000_001),
                allowedOrigins: ["https://a.example", "https://b.example"])
        ]
        document.auditEntries = [
            AuditEntry(
                id: 1, organizationID: 1, event: 131, actorLabel: "Sentry", targetObject: 1,
                dataJSON: #"{"name":"Full"}"#, date: Timestamp(seconds: 7))
        ]
        return document
    }

    static func installation(
        id: Int64, organization: Int64, added: Int64, deleted: Int64?
    ) -> InstallationEntry {
        InstallationEntry(
            installation: Installation(
                id: id, appID: 1, organizationID: organization, uuid: "installation-\(id)",
                dateAdded: Timestamp(seconds: added), dateDeleted: deleted.map(Timestamp.init(seconds:))),
            dateAdded: Timestamp(seconds: added))
    }
}

extension SentryApp {
    /// An app with a value in every field.
    static let full: SentryApp = {
        var app = bare
        app.customHeaders = [
            CustomHeader(name: "X-Second", value: Secret("b: c")), CustomHeader(name: "X-First", value: Secret("a")),
        ]
        app.webhookTimeoutMilliseconds = 2500
        app.deliveryPolicy = .standard
        app.previousSecrets = [
            PreviousSecret(secret: Secret("newer"), validUntil: Timestamp(microseconds: 4_000_000_000_000_001)),
            PreviousSecret(secret: Secret("older 'quoted' é"), validUntil: Timestamp(seconds: 4_000_000_001)),
        ]
        return app
    }()

    private static let bare = SentryApp(
        id: 1, slug: "full", name: "Full \"app\" é", ownerID: 1, status: .published, uuid: "uuid-1",
        author: "An author", overview: "", webhookURL: "https://example.com/hook", redirectURL: "https://example.com",
        isAlertable: true, verifyInstall: false, events: ["issue", "error"],
        scopes: [ScopeSet(.orgRead), ScopeSet(.alertsWrite)], schemaJSON: #"{"elements":[]}"#, popularity: 42,
        proxyUserID: 4, clientID: "client", clientSecret: Secret("hush"), allowedOrigins: ["https://example.com"],
        avatars: [
            Avatar(type: "upload", uuid: "b", isColor: true), Avatar(type: "default", uuid: "a", isColor: false),
        ],
        features: [Feature(id: 3, gate: "b", description: "x"), Feature(id: 1, gate: "a", description: "")],
        dateAdded: Timestamp(seconds: 1000), datePublished: Timestamp(microseconds: 2_000_000_001))
}
