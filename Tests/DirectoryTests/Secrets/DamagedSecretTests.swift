import Foundation
import Model
import TestSupport
import Testing

@testable import Directory

/// A stored secret that no key decrypts concerns its app alone, in both stores.
@Suite struct DamagedSecretTests {
    private static let now = Timestamp(seconds: 1_750_000_000)

    private let folder: TemporaryDirectory
    private let keys: SecretKeyFile

    init() throws {
        folder = try TemporaryDirectory()
        keys = SecretKeyFile(path: try folder.write(SecretKeyFileTests.first, to: "secret.key"))
    }

    /// A directory with encrypted secrets of two apps, of which that of the first are damaged.
    private func damaged(_ kind: DirectoryCase, _ secrets: [DamagedColumn]) throws -> StoreFixture {
        var document = DirectoryDocument.sample
        document.apps[0].app.clientSecret = Secret("client-secret")
        document.apps[0].app.previousSecrets = [
            .init(secret: Secret("previous-secret"), validUntil: Self.now.adding(seconds: 60))
        ]
        document.apps[0].app.customHeaders = [.init(name: "X-Tenant", value: Secret("header-value"))]
        document.apps[0].app.signingKey = Secret("private-key")
        document.apps[0].app.relayTargets = Secret("targets")
        document.apps[1].app.clientSecret = Secret("other-secret")
        let fixture = try kind.make(document)
        _ = try fixture.opened(keys).rewriteSecrets(.encrypted)
        for column in secrets { try fixture.damage(column) }
        return fixture
    }

    @Test(arguments: DirectoryCase.allCases)
    func othersAreReadAndTheAppNamesWhatIsDamaged(kind: DirectoryCase) throws {
        let fixture = try damaged(kind, DamagedColumn.allCases)
        let directory = try fixture.opened(keys)

        let app = try #require(try directory.app(id: 1))

        #expect(
            Set(app.damagedSecrets)
                == [.clientSecret, .previousSecret, .signingKey, .header(name: "X-Tenant"), .relayTargets])
        #expect(app.clientSecret == Secret("") && app.signingKey == nil && app.relayTargets == nil)
        #expect(app.previousSecrets.isEmpty && app.customHeaders.isEmpty)
        #expect(app.secretProblem?.contains("header X-Tenant") == true)
        #expect(try directory.app(id: 2)?.clientSecret == Secret("other-secret"))
        #expect(try directory.app(id: 2)?.secretProblem == nil)
        #expect(try directory.apps().filter { !$0.app.damagedSecrets.isEmpty }.map(\.app.id) == [1])
        let document = try directory.document()
        #expect(document.apps.map(\.app.damagedSecrets.isEmpty) == [false, true, true])
        #expect(document.apps[1].app.clientSecret == Secret("other-secret"))
        let stored = try directory.storedSecrets()
        #expect(stored.damaged == 5 && stored.damage.count == 5 && stored.problems.isEmpty)
        #expect(stored.damage.allSatisfy { $0.isDamage && $0.description.contains("of app 1: ") })
    }

    /// What is left of them is not written in place of the whole.
    @Test(arguments: DirectoryCase.allCases, DamagedColumn.allCases)
    func theAppIsNotChanged(kind: DirectoryCase, column: DamagedColumn) throws {
        let fixture = try damaged(kind, [column])
        let directory = try fixture.opened(keys)
        let before = try fixture.storedRows()

        let error = #expect(throws: DirectoryError.self) {
            try directory.changeSettings(ofApp: 1, at: Self.now) { settings in
                settings.webhookTimeoutMilliseconds = 1234
                return AuditEntry.Draft(
                    organizationID: 1, event: AuditEntry.appSettingsChanged, actorLabel: "x", date: Self.now)
            }
        }
        guard case .conflict(let reason) = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(reason.contains("--replace-unreadable"))
        #expect(try fixture.storedRows() == before)
        #expect(
            try directory.changeSettings(ofApp: 2, at: Self.now) { settings in
                settings.webhookTimeoutMilliseconds = 1234
                return AuditEntry.Draft(
                    organizationID: 1, event: AuditEntry.appSettingsChanged, actorLabel: "x", date: Self.now)
            })
    }

    @Test(arguments: DirectoryCase.allCases)
    func anImportOfOtherRowsLeavesThem(kind: DirectoryCase) throws {
        let fixture = try damaged(kind, [.clientSecret])
        let before = try fixture.storedRows()
        var document = DirectoryDocument()
        document.organizations = [Organization(id: 9, slug: "new", name: "New")]

        try fixture.writer(keys).importDocument(document, isReplacing: false, at: Self.now)

        #expect(try fixture.storedRows() == before)
        #expect(try fixture.opened(keys).organization(id: 9)?.slug == "new")
    }

    /// With an entry in the audit log and a change of the app's row, by which others see it.
    @Test(arguments: DirectoryCase.allCases)
    func theyAreReplacedOnDemand(kind: DirectoryCase) throws {
        let fixture = try damaged(kind, [.clientSecret, .header])
        let directory = try fixture.opened(keys)
        let key = RowKey(.apps, "1")
        let changed = try directory.lastChange(of: key)

        let rewritten = try directory.rewriteSecrets(.encryptedReplacingUnreadable, at: Self.now) { app in
            #expect(app.id == 1 && app.slug == "full" && app.organizationID == 1)
            return AuditEntry.Draft(
                organizationID: app.organizationID, event: AuditEntry.lostSecretsReplaced,
                actorLabel: app.secrets.sorted().joined(separator: ","), date: Self.now)
        }

        #expect(rewritten.count == 2 && rewritten.repairedApps.map(\.id) == [1])
        let app = try #require(try directory.app(id: 1))
        #expect(app.secretProblem == nil && app.clientSecret.exposed.utf8.count == 64)
        #expect(app.previousSecrets.map(\.secret) == [Secret("previous-secret")])
        let entries = try directory.auditEntries(
            AuditQuery(events: [AuditEntry.lostSecretsReplaced]), after: nil, limit: 9)
        #expect(entries.map(\.actorLabel) == ["client secret,header"])
        #expect(try directory.lastChange(of: key) != changed)
    }

    /// A lost key concerns every app, and says so.
    @Test(arguments: DirectoryCase.allCases)
    func aMissingKeyIsNoDamage(kind: DirectoryCase) throws {
        let fixture = try damaged(kind, [])
        let other = SecretKeyFile(path: try folder.write(SecretKeyFileTests.second, to: "other.key"))
        let directory = try fixture.opened(other)

        #expect(throws: DirectoryError.self) { try directory.app(id: 1) }
        let stored = try directory.storedSecrets()
        #expect(stored.damaged == 0 && stored.problems.count == 1 && stored.unreadable > 4)
        #expect(stored.problems.allSatisfy { !$0.isDamage })
    }
}

/// A column whose value of app 1 is damaged.
enum DamagedColumn: CaseIterable, Sendable {
    case clientSecret, previousSecret, header, signingKey, relayTargets

    /// Changes the last byte of the ciphertext.
    fileprivate func statement(isEmbedded: Bool) -> String {
        let (table, column, id) =
            switch (self, isEmbedded) {
            case (.clientSecret, true): ("apps", "client_secret", "id")
            case (.clientSecret, false): ("public.sentry_apiapplication", "client_secret", "id")
            case (.previousSecret, true): ("previous_secrets", "secret", "app_id")
            case (.previousSecret, false): ("hookline.previous_secrets", "secret", "app_id")
            case (.header, true): ("app_headers", "value", "app_id")
            case (.header, false): ("hookline.app_headers", "value", "app_id")
            case (.signingKey, true): ("apps", "signing_key", "id")
            case (.signingKey, false): ("hookline.app_settings", "signing_key", "app_id")
            case (.relayTargets, true): ("apps", "relay_targets", "id")
            case (.relayTargets, false): ("hookline.app_settings", "relay_targets", "app_id")
            }
        return "UPDATE \(table) SET \(column) = substr(\(column), 1, 50) || '////' || substr(\(column), 55) "
            + "WHERE \(id) = 1"
    }
}

extension StoreFixture {
    fileprivate func damage(_ column: DamagedColumn) throws {
        switch store {
        case .sqlite(let fixture):
            let database = try SQLiteDatabase(path: fixture.path, mode: .updating, busyTimeoutMilliseconds: 1000)
            try database.execute(column.statement(isEmbedded: true))
        case .postgreSQL(let fixture): try fixture.database.execute(column.statement(isEmbedded: false))
        }
    }

    /// What is stored in the columns for secrets.
    fileprivate func storedRows() throws -> [String] { try storedTexts().sorted() }
}
