import Model
import TestSupport
import Testing

@testable import Directory

/// The settings of an app that Hookline keeps, changed in both stores.
@Suite struct AppSettingsTests {
    private static let now = Timestamp(seconds: 1_750_000_000)

    private static func audit(_ event: Int = AuditEntry.appSettingsChanged) -> AuditEntry.Draft {
        AuditEntry.Draft(
            organizationID: 1, event: event, actorLabel: "alice", targetObject: 1, dataJSON: #"{"name":"x"}"#, date: now
        )
    }

    /// A directory whose app 1 has one previous secret that has expired, and one that ends a second after `now`.
    private static func expiring(_ kind: DirectoryCase) throws -> StoreFixture {
        var document = DirectoryDocument.sample
        document.apps[0].app.previousSecrets = [
            .init(secret: Secret("valid"), validUntil: now.adding(seconds: 1)),
            .init(secret: Secret("expired"), validUntil: now),
        ]
        return try kind.make(document)
    }

    @Test(arguments: DirectoryCase.allCases)
    func aChangeIsWrittenWithItsAuditEntryAndTheTimeOfTheChange(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        let before = try fixture.directory.document()

        let isThere = try fixture.writable().changeSettings(ofApp: 1, at: Self.now) { settings in
            settings.deliveryPolicy = .sentry
            settings.webhookTimeoutMilliseconds = nil
            settings.headers = [.init(name: "X-Only", value: Secret("é 'x'"))]
            settings.clientSecret = Secret("fresh")
            settings.signingKey = Secret("whsk_x")
            settings.relayTargets = Secret("[1]")
            settings.previousSecrets.insert(
                .init(secret: Secret("hush"), validUntil: Self.now.adding(seconds: 60)), at: 0)
            return Self.audit()
        }

        #expect(isThere)
        let after = try fixture.directory.document()
        var expected = before
        expected.apps[0].app.deliveryPolicy = .sentry
        expected.apps[0].app.webhookTimeoutMilliseconds = nil
        expected.apps[0].app.customHeaders = [.init(name: "X-Only", value: Secret("é 'x'"))]
        expected.apps[0].app.clientSecret = Secret("fresh")
        expected.apps[0].app.signingKey = Secret("whsk_x")
        expected.apps[0].app.relayTargets = Secret("[1]")
        expected.apps[0].app.previousSecrets.insert(
            .init(secret: Secret("hush"), validUntil: Self.now.adding(seconds: 60)), at: 0)
        #expect(after.apps == expected.apps)
        #expect(after.auditEntries.dropFirst().map(\.event) == [AuditEntry.appSettingsChanged])
        #expect(try fixture.another().app(id: 1) == after.apps[0].app)
        // An import of the document from before would undo it.
        let undoing = try fixture.writer().importDocument(
            DirectoryImportOptions(isReplacing: false), at: Self.now, document: { _ in .sample },
            confirm: { _ in false })
        #expect(undoing.changes.first { $0.key == RowKey(.apps, "1") }?.lastChange == Self.now)
    }

    @Test(arguments: DirectoryCase.allCases)
    func onlyASecretThatHasNotEndedIsSeenByAChangeWhichRemovesTheOthers(kind: DirectoryCase) throws {
        let fixture = try Self.expiring(kind)
        var seen: [String] = []

        _ = try fixture.writable().changeSettings(ofApp: 1, at: Self.now) { settings in
            seen = settings.previousSecrets.map(\.secret.exposed)
            settings.deliveryPolicy = nil
            return Self.audit()
        }

        #expect(seen == ["valid"])
        #expect(try fixture.directory.app(id: 1)?.previousSecrets.map(\.secret.exposed) == ["valid"])
    }

    @Test(arguments: DirectoryCase.allCases)
    func nothingIsWrittenWithoutAnAuditEntry(kind: DirectoryCase) throws {
        let fixture = try Self.expiring(kind)
        let before = try fixture.directory.document()

        let isThere = try fixture.writable().changeSettings(ofApp: 1, at: Self.now) { settings in
            settings.deliveryPolicy = .sentry
            return nil
        }

        #expect(isThere)
        #expect(try fixture.directory.document() == before)
    }

    @Test(arguments: DirectoryCase.allCases)
    func thereAreNoSettingsOfAnAppThatIsDeletedOrNotThere(kind: DirectoryCase) throws {
        let fixture = try kind.make()

        for id: Int64 in [3, 99] {
            #expect(try !fixture.writable().changeSettings(ofApp: id, at: Self.now) { _ in Self.audit() })
        }
        #expect(try fixture.directory.document().auditEntries.count == 1)
    }

    @Test(arguments: DirectoryCase.allCases)
    func changesAtTheSameTimeAreAllKept(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        let names = (0..<6).map { "X-\($0)" }

        try runThreads(count: names.count) { index in
            _ = try? fixture.writable().changeSettings(ofApp: 2, at: Self.now) { settings in
                settings.headers.append(.init(name: names[index], value: Secret("x")))
                return Self.audit()
            }
        }

        #expect(Set(try fixture.directory.app(id: 2)?.customHeaders.map(\.name) ?? []) == Set(names))
    }

    @Test(arguments: DirectoryCase.allCases)
    func anImportKeepsPreviousSecretsThatItDoesNotGiveAndDropsThoseThatHaveEnded(kind: DirectoryCase) throws {
        let fixture = try Self.expiring(kind)
        var silent = DirectoryDocument()
        silent.apps = [DirectoryDocument.sample.apps[0]]
        silent.apps[0].app.previousSecrets = []
        silent.apps[0].keepsPreviousSecrets = true

        try fixture.importDocument(silent, at: Self.now)
        let kept = try fixture.directory.app(id: 1)?.previousSecrets.map(\.secret.exposed)
        silent.apps[0].app.clientSecret = Secret("valid")
        #expect(throws: DirectoryImportError.self, "it would undo a rotation") {
            try fixture.importDocument(silent, at: Self.now)
        }
        let refused = try fixture.directory.app(id: 1)
        silent.apps[0].keepsPreviousSecrets = false
        try fixture.importDocument(silent, at: Self.now)
        let app = try fixture.directory.app(id: 1)

        #expect(kept == ["valid"])
        #expect(refused?.previousSecrets.map(\.secret.exposed) == ["valid"])
        #expect(refused?.clientSecret != app?.clientSecret)
        #expect(app?.clientSecret.exposed == "valid" && app?.previousSecrets.isEmpty == true)
    }
}

extension StoreFixture {
    /// The directory, opened with the rights of the one that owns its tables.
    func writable() throws -> any DirectoryDatabase {
        switch store {
        case .sqlite(let fixture): fixture.directory
        case .postgreSQL(let fixture): try fixture.owned()
        }
    }
}
