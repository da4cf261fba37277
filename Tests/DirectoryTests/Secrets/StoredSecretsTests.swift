import Foundation
import Model
import PostgreSQLDirectory
import System
import TestSupport
import Testing

@testable import Directory

/// Secrets at rest, in both stores.
@Suite struct StoredSecretsTests {
    private static let now = Timestamp(seconds: 1_750_000_000)
    private static let secrets = [
        "client-secret-at-rest", "previous-secret-at-rest", "header-value-at-rest", "key-at-rest",
    ]

    private let folder: TemporaryDirectory
    private let keys: SecretKeyFile

    init() throws {
        folder = try TemporaryDirectory()
        keys = SecretKeyFile(path: try folder.write(SecretKeyFileTests.first, to: "secret.key"))
    }

    private static func entry(of app: RepairedApp) -> AuditEntry.Draft {
        .init(organizationID: app.organizationID, event: AuditEntry.lostSecretsReplaced, actorLabel: "x", date: now)
    }

    private static var document: DirectoryDocument {
        var document = DirectoryDocument.sample
        document.apps[0].app.clientSecret = Secret(secrets[0])
        document.apps[0].app.previousSecrets = [
            .init(secret: Secret(secrets[1]), validUntil: now.adding(seconds: 60))
        ]
        document.apps[0].app.customHeaders = [.init(name: "X-Tenant", value: Secret(secrets[2]))]
        document.apps[0].app.signingKey = Secret(secrets[3])
        return document
    }

    @Test(arguments: DirectoryCase.allCases)
    func whatIsImportedWithAKeyIsEncrypted(kind: DirectoryCase) throws {
        let plain = try kind.make(Self.document)
        let fixture = try kind.make(DirectoryDocument())
        #expect(try plain.storedTexts().filter(Self.secrets.contains).count == 4)

        try fixture.writer(keys).importDocument(Self.document, isReplacing: true, at: DirectoryFixture.imported)

        let texts = try fixture.storedTexts()
        #expect(texts.count >= 4 && texts.allSatisfy { $0.hasPrefix("secretbox:") })
        #expect(try fixture.opened(keys).document() == plain.directory.document())
        #expect(try fixture.opened(keys).app(id: 1) == plain.directory.app(id: 1))
        #expect(try fixture.opened(keys).storedSecrets().current == texts.count)
        // Repeated, it changes nothing.
        let repeated = try fixture.writer(keys).importDocument(
            DirectoryImportOptions(isReplacing: true), at: DirectoryFixture.imported, document: { _ in Self.document },
            confirm: { _ in false })
        #expect(repeated.changes.isEmpty)
    }

    @Test(arguments: DirectoryCase.allCases)
    func withoutItsKeyNothingOfTheAppIsRead(kind: DirectoryCase) throws {
        let fixture = try kind.make(Self.document)
        _ = try fixture.opened(keys).rewriteSecrets(.encrypted)

        let error = #expect(throws: DirectoryError.self) { try fixture.opened(.none).app(id: 1) }

        guard case .unavailable = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(error?.description.contains("set HOOKLINE_SECRET_KEY_FILE to the file with that key") == true)
        #expect(try fixture.opened(.none).storedSecrets().problems.count == 1)
        #expect(try fixture.opened(.none).organization(id: 1)?.slug == "acme")
        #expect(throws: DirectoryError.self) { try fixture.opened(.none).rewriteSecrets(.unencrypted) }
    }

    @Test(arguments: DirectoryCase.allCases)
    func changedSettingsAreEncrypted(kind: DirectoryCase) throws {
        let fixture = try kind.make(DirectoryDocument())
        try fixture.writer(keys).importDocument(Self.document, isReplacing: true, at: DirectoryFixture.imported)
        let directory = try fixture.opened(keys)

        _ = try directory.changeSettings(ofApp: 1, at: Self.now) { settings in
            settings.previousSecrets.insert(
                .init(secret: settings.clientSecret, validUntil: Self.now.adding(seconds: 9)), at: 0)
            settings.clientSecret = Secret("a-new-secret")
            settings.headers.append(.init(name: "X-Other", value: Secret("another-value")))
            return AuditEntry.Draft(
                organizationID: 1, event: AuditEntry.clientSecretRotated, actorLabel: "x", targetObject: 1,
                dataJSON: "{}", date: Self.now)
        }
        let changed = try #require(try directory.app(id: 1))

        #expect(changed.clientSecret == Secret("a-new-secret"))
        #expect(changed.previousSecrets.map(\.secret) == [Secret(Self.secrets[0]), Secret(Self.secrets[1])])
        #expect(changed.customHeaders.map(\.value) == [Secret(Self.secrets[2]), Secret("another-value")])
        let texts = try fixture.storedTexts()
        #expect(texts.count >= 6 && texts.allSatisfy { $0.hasPrefix("secretbox:") })
    }

    /// From clear to a key, from that key to another, and back to clear.
    @Test(arguments: DirectoryCase.allCases)
    func allSecretsAreRewritten(kind: DirectoryCase) throws {
        let fixture = try kind.make(Self.document)
        let before = try fixture.directory.document()
        let count = try fixture.storedTexts().count
        let path = try #require(keys.path)
        #expect(try fixture.opened(keys).storedSecrets().clear == count)

        #expect(try fixture.opened(keys).rewriteSecrets(.encrypted).count == count)
        #expect(try fixture.opened(keys).rewriteSecrets(.encrypted).count == 0)
        let first = try fixture.storedTexts()

        try (SecretKeyFileTests.second + "\n" + SecretKeyFileTests.first)
            .write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try fixture.opened(SecretKeyFile(path: path)).storedSecrets().former == count)
        // A program that has read the file before the change, too.
        #expect(try fixture.opened(keys).rewriteSecrets(.encrypted).count == count)
        let second = try fixture.storedTexts()
        #expect(Set(first).isDisjoint(with: second))

        try SecretKeyFileTests.second.write(toFile: path, atomically: true, encoding: .utf8)
        let later = try fixture.opened(SecretKeyFile(path: path))
        #expect(try later.document() == before)
        #expect(try later.rewriteSecrets(.unencrypted).count == count)
        #expect(try fixture.directory.document() == before)
    }

    /// Without the key, what can be read stays.
    @Test(arguments: DirectoryCase.allCases)
    func whatCannotBeReadIsReplacedOnDemand(kind: DirectoryCase) throws {
        let fixture = try kind.make(Self.document)
        _ = try fixture.opened(keys).rewriteSecrets(.encrypted)
        let other = SecretKeyFile(path: try folder.write(SecretKeyFileTests.second, to: "other.key"))
        let directory = try fixture.opened(other)
        let refused = #expect(throws: DirectoryError.self) { try directory.rewriteSecrets(.encrypted) }
        #expect(refused?.description.contains("of app 1: a secret is encrypted with the key") == true)

        let rewritten = try directory.rewriteSecrets(.encryptedReplacingUnreadable)

        #expect(rewritten.repairedApps.map(\.id).contains(1))
        let app = try #require(try directory.app(id: 1))
        #expect(app.clientSecret.exposed.utf8.count == 64 && app.signingKey == nil)
        #expect(app.previousSecrets.isEmpty && app.customHeaders.isEmpty)
        #expect(try directory.storedSecrets().problems.isEmpty)
        #expect(try directory.rewriteSecrets(.encryptedReplacingUnreadable).repairedApps.isEmpty)
    }

    /// A program without the key writes no unencrypted secrets among encrypted ones.
    @Test(arguments: DirectoryCase.allCases)
    func withoutAKeyNothingIsWrittenAmongEncryptedSecrets(kind: DirectoryCase) throws {
        var document = Self.document
        document.apps[1].app.clientSecret = Secret("")
        document.apps[1].app.customHeaders = []
        let fixture = try kind.make(document)
        _ = try fixture.opened(keys).rewriteSecrets(.encrypted)
        let id = document.apps[1].app.id

        let error = #expect(throws: DirectoryError.self) {
            try fixture.opened(.none).changeSettings(ofApp: id, at: Self.now) { settings in
                settings.headers = [.init(name: "X-Other", value: Secret("value"))]
                return AuditEntry.Draft(
                    organizationID: 1, event: AuditEntry.appSettingsChanged, actorLabel: "x", targetObject: id,
                    dataJSON: "{}", date: Self.now)
            }
        }

        #expect(error?.description.contains("the directory has encrypted secrets") == true, "\(error as Any)")
        #expect(try fixture.storedTexts().allSatisfy { $0.hasPrefix("secretbox:") })
    }

    /// Also one that has written, or asked, before they were encrypted.
    @Test(arguments: DirectoryCase.allCases)
    func aProgramWithoutAKeySeesThatAnotherHasEncryptedTheSecrets(kind: DirectoryCase) throws {
        var document = Self.document
        document.apps[1].app.clientSecret = Secret("")
        document.apps[1].app.customHeaders = []
        let (fixture, id) = (try kind.make(document), document.apps[1].app.id)
        let directory = try fixture.opened(.none)
        func setHeader(_ value: String) throws {
            _ = try directory.changeSettings(ofApp: id, at: Self.now) { settings in
                settings.headers = [.init(name: "X-Other", value: Secret(value))]
                return AuditEntry.Draft(
                    organizationID: 1, event: AuditEntry.appSettingsChanged, actorLabel: "x", date: Self.now)
            }
        }
        try setHeader("")
        try setHeader("value")
        try setHeader("")
        _ = try fixture.opened(keys).rewriteSecrets(.encrypted)

        let error = #expect(throws: DirectoryError.self) { try setHeader("value") }

        #expect(error?.description.contains("the directory has encrypted secrets") == true, "\(error as Any)")
        #expect(try fixture.storedTexts().allSatisfy { $0.hasPrefix("secretbox:") })
        let imported = #expect(throws: DirectoryImportError.self) {
            try fixture.writer(.none).importDocument(Self.document, isReplacing: false, at: Self.now)
        }
        #expect("\(imported as Any)".contains("HOOKLINE_SECRET_KEY_FILE"), "\(imported as Any)")
        #expect(try fixture.storedTexts().allSatisfy { $0.hasPrefix("secretbox:") })
    }

    /// What is known still decrypts; nothing is written with a key that may be an old one, and nothing unencrypted.
    @Test(arguments: DirectoryCase.allCases)
    func aKeyFileThatIsGoneStopsWritingAndNotReading(kind: DirectoryCase) throws {
        let fixture = try kind.make(Self.document)
        _ = try fixture.opened(keys).rewriteSecrets(.encrypted)
        let directory = try fixture.opened(keys)
        let before = try fixture.storedTexts()
        try FileManager.default.removeItem(atPath: try #require(keys.path))

        let error = #expect(throws: DirectoryError.self) {
            try directory.changeSettings(ofApp: 1, at: Self.now) { settings in
                settings.headers = [.init(name: "X-Other", value: Secret("value"))]
                return AuditEntry.Draft(
                    organizationID: 1, event: AuditEntry.appSettingsChanged, actorLabel: "x", date: Self.now)
            }
        }

        guard case .unavailable(_, let reason) = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(reason.contains("HOOKLINE_SECRET_KEY_FILE") && reason.contains("No such file"))
        #expect(try directory.app(id: 1)?.clientSecret == Secret(Self.secrets[0]))
        #expect(try directory.document().apps.count == Self.document.apps.count)
        for form in [SecretRewriting.encrypted, .encryptedReplacingUnreadable, .unencrypted] {
            #expect(throws: DirectoryError.self) { try directory.rewriteSecrets(form) }
        }
        #expect(try fixture.storedTexts() == before)
        // What needs no secret goes on.
        #expect(
            try directory.disable(
                appID: 1, reason: "x",
                audit: .init(organizationID: 1, event: AuditEntry.appDisabled, actorLabel: "x", date: Self.now)))
    }

    /// However many secrets a change writes.
    @Test(arguments: DirectoryCase.allCases)
    func aChangeReadsTheKeyFileOnceAndALookUpNever(kind: DirectoryCase) throws {
        let (count, path) = (Lock(0), try #require(keys.path))
        let fixture = try kind.make(Self.document)
        let counted = SecretKeyFile(path: path) { (path) throws(FileError) in
            count.withLock { $0 += 1 }
            return try TextFile(path: path).read()
        }
        func reads(_ body: () throws -> Void) rethrows -> Int {
            count.withLock { $0 = 0 }
            try body()
            return count.withLock { $0 }
        }
        let directory = try fixture.opened(counted)
        #expect(try reads { _ = try directory.rewriteSecrets(.encrypted) } == 1)
        #expect(
            try reads {
                _ = try directory.app(id: 1)
                _ = try directory.document()
            } == 0)
        let changes = try reads {
            _ = try directory.changeSettings(ofApp: 1, at: Self.now) { settings in
                settings.headers = (0..<9).map { .init(name: "X-\($0)", value: Secret("value")) }
                return AuditEntry.Draft(
                    organizationID: 1, event: AuditEntry.appSettingsChanged, actorLabel: "x", date: Self.now)
            }
        }
        #expect(changes == 1)
        let writer = try fixture.writer(counted)
        #expect(try reads { try writer.importDocument(Self.document, isReplacing: true, at: Self.now) } == 1)
    }

    /// The secrets are encrypted all the same, and the run says what is left.
    @Test func aFailureToRemoveTracesIsAPartOfTheResult() throws {
        let fixture = try DirectoryFixture(Self.document)
        let directory = SQLiteDirectory(
            path: fixture.path, limits: .init(writeWaitMilliseconds: 50), secretKeys: keys)
        let reader = try SQLiteDatabase(path: fixture.path, mode: .updating, busyTimeoutMilliseconds: 1000)

        // Another program writes between the transaction and VACUUM, which needs the lock, too.
        let rewritten = try directory.rewriteSecrets(.encrypted, at: Self.now, audit: Self.entry) {
            _ = try? reader.execute("BEGIN IMMEDIATE")
        }
        try reader.execute("ROLLBACK")

        #expect(rewritten.count > 0 && rewritten.leavesTraces)
        #expect(rewritten.traceProblem?.contains("VACUUM") == true, "\(rewritten)")
        #expect(try directory.storedSecrets().clear == 0)
    }

    /// Repeated, it removes what an interrupted run has left.
    @Test func aRunAfterAnInterruptedOneRemovesTheTraces() throws {
        let fixture = try DirectoryFixture(Self.document)
        let database = try SQLiteDatabase(path: fixture.path, mode: .updating, busyTimeoutMilliseconds: 1000)
        let directory = SQLiteDirectory(path: fixture.path, secretKeys: keys)
        try database.execute("BEGIN")
        _ = try database.integer("SELECT count(*) FROM apps")
        #expect(try directory.rewriteSecrets(.encrypted).leavesTraces)
        try database.execute("COMMIT")

        let repeated = try directory.rewriteSecrets(.encrypted)

        #expect(repeated.count == 0 && !repeated.leavesTraces)
        let bytes = try #require(FileManager.default.contents(atPath: fixture.path))
        #expect(Self.secrets.allSatisfy { bytes.range(of: Data($0.utf8)) == nil })
    }

    /// An embedded file has no former text any more, neither in unused pages nor in the write-ahead log.
    @Test func aFileKeepsNoTraceOfWhatWasInClear() throws {
        let fixture = try DirectoryFixture(Self.document)
        let names = [fixture.path, fixture.path + "-wal"]
        func traces() -> [String] {
            Self.secrets.filter { secret in
                names.contains { path in
                    FileManager.default.contents(atPath: path)?.range(of: Data(secret.utf8)) != nil
                }
            }
        }
        #expect(traces() == Self.secrets)

        let rewritten = try SQLiteDirectory(path: fixture.path, secretKeys: keys).rewriteSecrets(.encrypted)

        #expect(!rewritten.leavesTraces)
        #expect(traces() == [])
    }
}

extension DirectoryDatabase {
    /// Without an entry in the audit log that says who has done it.
    func rewriteSecrets(_ form: SecretRewriting) throws(DirectoryError) -> RewrittenSecrets {
        let now = Timestamp(seconds: 1_750_000_000)
        return try rewriteSecrets(form, at: now) {
            .init(
                organizationID: $0.organizationID, event: AuditEntry.lostSecretsReplaced, actorLabel: "x", date: now)
        }
    }
}

extension StoreFixture {
    func opened(_ keys: SecretKeyFile) throws -> any DirectoryDatabase {
        switch store {
        case .sqlite(let fixture): SQLiteDirectory(path: fixture.path, secretKeys: keys)
        case .postgreSQL(let fixture):
            PostgreSQLDirectory(
                address: try fixture.database.address(user: "postgres"), connectionCount: 2,
                keys: EncryptionKeys(folder: nil, secretKeys: keys))
        }
    }

    func writer(_ keys: SecretKeyFile) throws -> any DirectoryWriter {
        switch store {
        case .sqlite(let fixture): try SQLiteDirectoryWriter(path: fixture.path, secretKeys: keys)
        case .postgreSQL(let fixture):
            PostgreSQLDirectoryWriter(address: try fixture.database.address(user: "postgres"), secretKeys: keys)
        }
    }

    /// The different texts in the columns for secrets, as the store has them.
    func storedTexts() throws -> [String] {
        switch store {
        case .sqlite(let fixture):
            let database = try SQLiteDatabase(path: fixture.path, mode: .reading, busyTimeoutMilliseconds: 1000)
            return try SecretColumn.embedded.flatMap { column in
                try database.rows(column.texts, location: "") { row throws(DirectoryError) in
                    row.text(Int32(column.keys.count))
                }
            }
        case .postgreSQL(let fixture):
            return try [
                "client_secret FROM public.sentry_apiapplication", "secret FROM hookline.previous_secrets",
                "value FROM hookline.app_headers", "signing_key FROM hookline.app_settings",
                "relay_targets FROM hookline.app_settings",
            ].flatMap { try fixture.database.rows("SELECT DISTINCT " + $0).compactMap { $0[0] } }.filter { !$0.isEmpty }
        }
    }
}
