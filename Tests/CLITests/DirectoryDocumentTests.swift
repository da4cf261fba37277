import Directory
import Foundation
import Management
import Model
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite struct DirectoryDocumentTests {
    private func read(_ json: String) throws -> DirectoryDocument {
        try DirectoryDocumentReader.read(try JSONValue(parsing: json)).get()
    }

    private func problems(_ json: String) throws -> [String] {
        switch DirectoryDocumentReader.read(try JSONValue(parsing: json)) {
        case .success: []
        case .failure(let failure): failure.problems.map(\.description)
        }
    }

    @Test func fieldsThatAreLeftOutHaveTheDocumentedDefaults() throws {
        let document = try read(
            """
            {"organizations": [{"id": 1, "slug": "o"}], "users": [{"id": 1, "email": "a@b.example"}],
             "memberships": [{"user_id": 1, "organization_id": 1, "role": "admin"}],
             "apps": [{"id": 4, "slug": "s", "owner_id": 1}],
             "installations": [{"id": 5, "app_id": 4, "organization_id": 1}],
             "service_hooks": [{"id": 6, "installation_id": 5, "organization_id": 1, "url": "u"}],
             "projects": [{"id": 7, "slug": "p", "organization_id": 1}],
             "events": [{"project_id": 7, "event_id": "AAAAAAAA-aaaa-aaaa-aaaa-aaaaaaaaaaaa"}],
             "tokens": [{"token": "0123456789abcdef", "user_id": 1}],
             "audit_entries": [{"id": 8, "organization_id": 1, "event": 131, "date": "2024-01-01T00:00:00Z"}]}
            """)

        #expect(document.organizations == [Organization(id: 1, slug: "o", name: "o")])
        #expect(document.users == [User(id: 1, username: "a@b.example", email: "a@b.example")])
        #expect(document.memberships == [Membership(userID: 1, organizationID: 1, role: .admin)])
        let app = document.apps[0]
        #expect(
            app.app
                == SentryApp(
                    id: 4, slug: "s", name: "s", ownerID: 1, status: .unpublished,
                    uuid: DerivedUUID.text(kind: "app", id: 4)))
        #expect(app.dateAdded == nil)
        #expect(app.components.isEmpty)
        #expect(document.installations[0].installation.status == .installed)
        #expect(document.installations[0].dateAdded == nil)
        #expect(document.serviceHooks[0].events.isEmpty)
        #expect(document.issueEvents[0].eventID == String(repeating: "a", count: 32))
        #expect(document.tokens[0].digest == TokenDigest(hashing: "0123456789abcdef"))
        #expect(document.tokens[0].scopes.isEmpty)
        #expect(document.auditEntries[0].dataJSON == "{}")
    }

    @Test func aRowWithoutAUUIDAlwaysGetsTheSameOneOfVersion8() {
        let first = DerivedUUID.text(kind: "app", id: 1)

        #expect(first == DerivedUUID.text(kind: "app", id: 1))
        #expect(first != DerivedUUID.text(kind: "app", id: 2))
        #expect(first != DerivedUUID.text(kind: "installation", id: 1))
        #expect(first.utf8.count == 36)
        #expect(first.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        #expect(Array(first)[14] == "8" && Array(first)[19] == "8")
    }

    @Test(.eachStore) func anEmptyWebhookURLIsNoneAndStaysNoneInAnExport() throws {
        let runner = try CommandRunner()
        let document = { (url: String) in
            #"{"organizations": [{"id": 1, "slug": "a"}], "apps": [{"id": 1, "slug": "s", "owner_id": 1\#(url)}]}"#
        }
        #expect(try runner.importDocument(document(#", "webhook_url": "https://example.com/""#)).status == 0)
        #expect(try runner.importDocument(document(#", "webhook_url": """#)).status == 0)
        let export = try runner.export()
        let other = try CommandRunner()

        #expect(try other.importDocument(export, replacing: true).status == 0)

        #expect(try runner.directory.app(slug: "s")?.webhookURL == nil)
        #expect(export.contains(#""webhook_url": null"#) || export.contains(#""webhook_url":null"#))
        #expect(try other.export() == export)
        #expect(try other.importDocument(document(#", "webhook_url": null"#)).status == 0)
        #expect(try other.export() == export)
    }

    @Test(.eachStore) func componentsCanBeAddedBesideOneWithTheLargestID() throws {
        let runner = try CommandRunner()
        let outcome = try runner.importDocument(
            #"""
            {"organizations": [{"id": 1, "slug": "a"}],
             "apps": [{"id": 1, "slug": "s", "owner_id": 1,
                       "components": ["issue-link", {"id": \#(Int64.max), "type": "stacktrace-link"}, "issue-link"]}]}
            """#)
        #expect(outcome.status == 0, "\(outcome.error)")

        let next = try runner.importDocument(
            #"{"apps": [{"id": 2, "slug": "t", "owner_id": 1, "components": ["issue-link", "issue-link"]}]}"#)

        #expect(next.status == 0, "\(next.error)")
        let ids = try runner.directory.document().apps.map { $0.components.map(\.id) }
        #expect(ids[0].contains(Int64.max))
        #expect(Set(ids.joined()).count == 5)
        #expect(ids.joined().allSatisfy { ($0 ?? 0) > 0 })
        let other = try CommandRunner()
        #expect(try other.importDocument(try runner.export(), replacing: true).status == 0)
        #expect(try other.export() == runner.export())
    }

    @Test func anAppsSchemaAndItsComponentsAreMadeFromEachOther() throws {
        func app(_ fields: String) throws -> DirectoryDocument.AppEntry {
            try read(#"{"apps": [{"id": 1, "slug": "s", "owner_id": 1, \#(fields)}]}"#).apps[0]
        }

        let named = try app(#""components": ["a", "b", "a"]"#)
        let described = try app(#""components": [{"type": "a", "schema": {"type": "a", "n": 1.50}, "id": 3}]"#)
        let schemaAlone = try app(#""schema": {"elements": [{"type": "x", "u": "/"}, {"type": "y"}]}"#)
        let both = try app(#""schema": {"elements": []}, "components": ["a"]"#)

        #expect(named.app.schemaJSON == #"{"elements":[{"type":"a"},{"type":"b"},{"type":"a"}]}"#)
        #expect(named.components.map(\.type) == ["a", "b", "a"])
        #expect(described.app.schemaJSON == #"{"elements":[{"type":"a","n":1.50}]}"#)
        #expect(described.components == [.init(id: 3, type: "a", schemaJSON: #"{"type":"a","n":1.50}"#)])
        #expect(schemaAlone.components.map(\.schemaJSON) == [#"{"type":"x","u":"/"}"#, #"{"type":"y"}"#])
        #expect(both.app.schemaJSON == #"{"elements":[]}"#)
        #expect(both.components.map(\.type) == ["a"])
    }

    @Test(arguments: [
        ("[]", "must be an object, not an array"),
        (#"{"versoin": 1}"#, "versoin: unknown field"),
        (#"{"version": 2}"#, "version: must be 1, not 2"),
        (#"{"apps": {}}"#, "apps: must be an array, not an object"),
        (#"{"users": [7]}"#, "users[0]: must be an object, not a number"),
        (#"{"organizations": [{"id": 1}]}"#, "organizations[0].slug: is required"),
        (#"{"organizations": [{"id": 1, "slug": null}]}"#, "organizations[0].slug: is required"),
        (#"{"organizations": [{"id": 0, "slug": "a"}]}"#, "organizations[0].id: must be greater than 0"),
        (
            #"{"organizations": [{"id": "1", "slug": "a"}]}"#,
            "organizations[0].id: must be an integer, not a string"
        ),
        (
            #"{"organizations": [{"id": 1.5, "slug": "a"}]}"#,
            "organizations[0].id: 1.5 is not a 64-bit integer"
        ),
        (
            #"{"organizations": [{"id": 9223372036854775808, "slug": "a"}]}"#,
            "organizations[0].id: 9223372036854775808 is not a 64-bit integer"
        ),
        (#"{"organizations": [{"id": 1, "slug": ""}]}"#, "organizations[0].slug: must not be empty"),
        (
            #"{"organizations": [{"id": 1, "slug": "a/b"}]}"#,
            "organizations[0].slug: \"a/b\" \(Slug.rule)"
        ),
        (
            #"{"organizations": [{"id": 1, "slug": "a", "status": "shut"}]}"#,
            "organizations[0].status: \"shut\" is not one of active, pending_deletion, deletion_in_progress, "
                + "relocation_pending_approval"
        ),
        (#"{"users": [{"id": 1}]}"#, "users[0].username: is required when there is no email"),
        (
            #"{"users": [{"id": 1, "username": "a", "is_active": 1}]}"#,
            "users[0].is_active: must be true or false, not a number"
        ),
        (
            #"{"memberships": [{"user_id": 1, "organization_id": 1, "role": "boss"}]}"#,
            "memberships[0].role: \"boss\" is not one of member, admin, manager, owner"
        ),
        (
            #"{"memberships": [{"user_id": 1, "organization_id": 1, "role": "owner", "team_org_roles": ["x"]}]}"#,
            "memberships[0].team_org_roles[0]: \"x\" is not one of member, admin, manager, owner"
        ),
        (
            #"{"apps": [{"id": 1, "slug": "a", "owner_id": 1, "status": "publishd"}]}"#,
            "apps[0].status: \"publishd\" is not one of unpublished, published, internal, "
                + "publish_request_inprogress, deletion_in_progress"
        ),
        (
            #"{"apps": [{"id": 1, "slug": "a", "owner_id": 1, "webhook": "x"}]}"#,
            "apps[0].webhook: unknown field"
        ),
        (
            #"{"apps": [{"id": 1, "slug": "a", "owner_id": 1, "events": ["a b"]}]}"#,
            "apps[0].events[0]: \"a b\" must be one word without white space"
        ),
        (
            #"{"apps": [{"id": 1, "slug": "a", "owner_id": 1, "schema": "{}"}]}"#,
            "apps[0].schema: must be an object, not a string"
        ),
        (
            #"{"apps": [{"id": 1, "slug": "a", "owner_id": 1, "components": [{"schema": {}}]}]}"#,
            "apps[0].components[0].type: is required"
        ),
        (
            #"{"apps": [{"id": 1, "slug": "a", "owner_id": 1, "components": [""]}]}"#,
            "apps[0].components[0]: must not be empty"
        ),
        (
            #"{"apps": [{"id": 1, "slug": "a", "owner_id": 1, "avatars": [{"type": "x", "uuid": "y", "z": 1}]}]}"#,
            "apps[0].avatars[0].z: unknown field"
        ),
        (
            #"{"apps": [{"id": 1, "slug": "a", "owner_id": 1, "features": [{"id": 1}]}]}"#,
            "apps[0].features[0].gate: is required"
        ),
        (
            #"{"apps": [{"id": 1, "slug": "a", "owner_id": 1, "date_added": "yesterday"}]}"#,
            "apps[0].date_added: \"yesterday\" is not a time such as 2024-01-31T12:00:00Z"
        ),
        (
            #"{"events": [{"project_id": 1, "event_id": "xyz"}]}"#,
            "events[0].event_id: \"xyz\" is not an event id of 32 hexadecimal digits"
        ),
        (#"{"tokens": [{"user_id": 1}]}"#, "tokens[0]: requires either token or token_sha256"),
        (
            #"{"tokens": [{"user_id": 1, "token": "a", "token_sha256": "b"}]}"#,
            "tokens[0]: requires either token or token_sha256"
        ),
        (
            #"{"tokens": [{"user_id": 1, "token_sha256": "b"}]}"#,
            "tokens[0].token_sha256: must be 64 lower-case hexadecimal digits"
        ),
        (
            #"{"tokens": [{"user_id": 1, "token": "0123456789abcdef", "scopes": ["org:reed"]}]}"#,
            "tokens[0].scopes[0]: \"org:reed\" is not one of \(Scope.allCases.map(\.rawValue).joined(separator: ", "))"
        ),
        (
            #"{"projects": [{"id": 1, "id": 2, "slug": "a", "organization_id": 1}]}"#,
            "projects[0].id: is repeated"
        ),
        (#"{"audit_entries": [{"id": 1, "organization_id": 1, "event": 1}]}"#, "audit_entries[0].date: is required"),
    ])
    func whatIsWrongIsNamedByItsPath(json: String, expected: String) throws {
        #expect(try problems(json) == [expected])
    }

    @Test func allProblemsAreFoundAtOnceTheFirstTwentyListedAndAllCounted() throws {
        let rows = (0..<30).map { _ in #"{"id": 1, "slug": "a", "nmae": "x"}"# }.joined(separator: ",")
        let value = try JSONValue(parsing: #"{"organizations": [\#(rows)], "users": [{}]}"#)

        guard case .failure(let failure) = DirectoryDocumentReader.read(value) else {
            throw TestSupportError("the document was accepted")
        }

        #expect(failure.count == 32)
        #expect(failure.problems.count == 20)
        #expect(failure.problems[19].path == "organizations[19].nmae")
    }

    @Test func noMessageRepeatsATokenOrAClientSecret() throws {
        let json = """
            {"apps": [{"id": 1, "slug": "a", "owner_id": 1, "client_secret": ["hush"]}],
             "tokens": [{"user_id": 1, "token": "hush", "token_sha256": "hush"}, {"user_id": 1, "token_sha256": "hush"},
                        {"user_id": 1, "token": {"hush": 1}}]}
            """

        let problems = try problems(json)

        #expect(problems.count == 4)
        #expect(problems.allSatisfy { !$0.contains("hush") })
    }

    @Test func theWrittenFormOfADocumentReadsBackAsTheSameDocument() throws {
        var document = try read(smallDocument)
        document.apps[0].app.avatars = [.init(type: "upload", uuid: "u", isColor: true)]
        document.apps[0].app.features = [.init(id: 1, gate: "g\u{2028}\"", description: "d")]
        document.apps[0].app.clientSecret = Secret("s")
        document.apps[0].dateAdded = Timestamp(microseconds: 1_700_000_000_000_001)

        let json = try DirectoryDocumentWriter.json(document)

        #expect(try read(json.compactText) == document)
        #expect(try read(json.prettyText) == document)
        #expect(!json.compactText.contains("a-token-in-clear"))
    }
}

@Suite struct DocumentationTests {
    private func text() throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try String(
            contentsOf: root.deletingLastPathComponent().appending(path: "docs/directory.md"), encoding: .utf8)
    }

    @Test(.eachStore) func theDocumentedExampleCanBeImported() throws {
        let text = try text()
        let start = try #require(text.range(of: "```json\n"))
        let end = try #require(text.range(of: "```", range: start.upperBound..<text.endIndex))
        let runner = try CommandRunner()

        let outcome = try runner.importDocument(String(text[start.upperBound..<end.lowerBound]))

        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(try runner.directory.app(slug: "release-radar") != nil)
    }

    @Test func everyFieldOfAnExportIsDocumented() throws {
        let text = try text()
        let runner = try CommandRunner(redis: try RedisServer())
        try runner.hookline("demo", "seed")
        let export = try JSONValue(
            parsing: Array(runner.hookline("directory", "export").output.utf8),
            limits: .init(maximumByteCount: 1 << 24))

        guard case .object(let tables) = export else { throw TestSupportError("the export is no object") }
        for table in tables {
            #expect(text.contains("`\(table.name)`"), "\(table.name)")
            guard case .array(let rows) = table.value, case .object(let fields)? = rows.first else { continue }
            let section = try #require(text.components(separatedBy: "### \(table.name)\n").dropFirst().first)
            let own = try #require(section.components(separatedBy: "\n### ").first)
            for field in fields { #expect(own.contains("`\(field.name)`"), "\(table.name).\(field.name)") }
        }
    }
}
