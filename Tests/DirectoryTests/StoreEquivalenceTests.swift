import Model
import PostgreSQLDirectory
import TestSupport
import Testing

@testable import Directory

/// Both stores hold the same directory and say the same about an import.
@Suite struct StoreEquivalenceTests {
    private static func both(_ document: DirectoryDocument = .sample) throws -> (StoreFixture, StoreFixture) {
        (try DirectoryCase.sqlite.make(document), try DirectoryCase.postgreSQL.make(document))
    }

    @Test func theExportOfOneIsThatOfTheOther() throws {
        let (embedded, shared) = try Self.both()
        for fixture in [embedded, shared] {
            #expect(try fixture.directory.disable(appID: 2, reason: "broken \u{1F4A5} 'quoted'", audit: .disabling()))
        }

        let document = try embedded.directory.document()

        #expect(try shared.directory.document() == document)
        let (other, another) = try Self.both(document)
        #expect(try other.directory.document() == document)
        #expect(try another.directory.document() == document)
    }

    @Test(arguments: [false, true]) func anImportChangesTheSameRowsInBoth(isReplacing: Bool) throws {
        let (embedded, shared) = try Self.both()
        var changed = DirectoryDocument.sample
        changed.organizations[0].name = "Renamed"
        changed.users.removeLast()
        changed.apps.remove(at: 2)
        changed.apps[0].app.proxyUserID = nil
        changed.apps[0].app.disablement = .init(date: Timestamp(seconds: 9), reason: "r", events: ["issue"])
        changed.apps[0].app.events = []
        changed.memberships[1].teamRoles = []
        changed.serviceHooks[0].projectIDs = []
        changed.issueEvents[0].groupID = nil
        changed.tokens.append(
            .init(digest: TokenDigest(hashing: "another"), userID: 3, scopes: ScopeSet(.hooklineEnqueue)))
        let options = DirectoryImportOptions(isReplacing: isReplacing)

        let results = try [embedded, shared].map { fixture in
            try fixture.writer().importDocument(
                options, at: Timestamp(seconds: 1_800_000_000), document: { _ in changed }, confirm: { _ in true })
        }

        #expect(results[0].isCommitted && results[1].isCommitted)
        #expect(results[0].changes == results[1].changes)
        #expect(results[0].changes.contains { $0.lastChange == DirectoryFixture.imported })
        #expect(results[0].before == results[1].before)
        #expect(results[0].after == results[1].after)
        #expect(try embedded.directory.document() == results[0].after)
        #expect(try shared.directory.document() == results[0].after)
        // The next import knows of this one.
        let next = try shared.writer().importDocument(
            options, at: Timestamp(seconds: 1_900_000_000), document: { _ in .sample }, confirm: { _ in false })
        #expect(next.changes.contains { $0.lastChange == Timestamp(seconds: 1_800_000_000) })
    }

    @Test(arguments: DirectoryCase.allCases)
    func anImportThatIsNotConfirmedChangesNothing(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        let before = try fixture.directory.document()
        var changed = DirectoryDocument.sample
        changed.organizations[0].name = "Renamed"

        let result = try fixture.writer().importDocument(
            DirectoryImportOptions(isReplacing: true), at: .now(), document: { _ in changed }, confirm: { _ in false })

        #expect(!result.isCommitted)
        #expect(result.changes.map(\.key) == [RowKey(.organizations, "1")])
        #expect(try fixture.directory.document() == before)
    }

    @Test(arguments: DirectoryCase.allCases)
    func moreRowsThanOneStatementHoldsAreWritten(kind: DirectoryCase) throws {
        var document = DirectoryDocument()
        document.organizations = [Organization(id: 1, slug: "acme", name: "Acme")]
        document.users = (1...2500).map { User(id: $0, username: "user-\($0)", email: "a@b.test") }
        document.memberships = (1...2500).map { Membership(userID: $0, organizationID: 1, role: .member) }

        let fixture = try kind.make(document)

        #expect(try fixture.directory.document().users == document.users)
        #expect(try fixture.directory.document().memberships == document.memberships)
        #expect(try fixture.directory.user(login: "a@b.test") == nil)
    }

    @Test func tokensAreStoredByTheirHashAlone() throws {
        let fixture = try PostgreSQLFixture(.sample)

        let stored = try fixture.database.rows("SELECT token, hashed_token FROM sentry_apitoken")

        #expect(stored == [[nil, TokenDigest(hashing: "secret").rawValue]])
        #expect(throws: TestSupportError.self) {
            try fixture.database.execute("UPDATE sentry_apitoken SET token = 'secret'")
        }
        #expect(try fixture.directory.token(PresentedCredential(TokenDigest(hashing: "secret").rawValue)) == nil)
        #expect(try fixture.directory.sessionUser(id: 1) == nil)
        #expect(try fixture.directory.apiKey(PresentedCredential("secret")) == nil)
        #expect(try fixture.directory.organizationToken(PresentedCredential("secret")) == nil)
        #expect(try fixture.directory.findings().isEmpty)
    }
}
