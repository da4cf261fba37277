import Directory
import Model
import TestSupport
import Testing

@testable import CLI

/// PostgreSQL stores no text with a zero character; both stores refuse such a document alike.
@Suite(.eachStore) struct ZeroCharacterTests {
    private static let fields: [(table: String, row: String, path: String)] = [
        ("organizations", #"{"id": 5, "slug": "a", "name": "a\u0000b"}"#, "organizations[0].name"),
        ("organizations", #"{"id": 5, "slug": "a\u0000"}"#, "organizations[0].slug"),
        ("users", #"{"id": 5, "username": "\u0000"}"#, "users[0].username"),
        ("apps", #"{"id": 5, "slug": "s", "owner_id": 1, "author": "\u0000"}"#, "apps[0].author"),
        ("apps", #"{"id": 5, "slug": "s", "owner_id": 1, "events": ["issue", "a\u0000"]}"#, "apps[0].events[1]"),
        ("apps", #"{"id": 5, "slug": "s", "owner_id": 1, "client_secret": "hush\u0000"}"#, "apps[0].client_secret"),
        (
            "apps", #"{"id": 5, "slug": "s", "owner_id": 1, "webhook_headers": ["X-A: hush\u0000"]}"#,
            "apps[0].webhook_headers[0]"
        ),
        ("apps", #"{"id": 5, "slug": "s", "owner_id": 1, "components": ["a\u0000"]}"#, "apps[0].components[0]"),
        (
            "apps", #"{"id": 5, "slug": "s", "owner_id": 1, "schema": {"elements": [{"type": "a\u0000"}]}}"#,
            "apps[0].schema.elements[0].type"
        ),
        (
            "apps",
            #"{"id": 5, "slug": "s", "owner_id": 1, "disabled": {"date": "2026-01-01T00:00:00Z", "reason": "\u0000"}}"#,
            "apps[0].disabled.reason"
        ),
        (
            "apps",
            #"{"id": 5, "slug": "s", "owner_id": 1, "previous_secrets": [{"secret": "hush\u0000", "valid_until": "2090-01-01T00:00:00Z"}]}"#,
            "apps[0].previous_secrets[0].secret"
        ),
        (
            "tokens", #"{"token_sha256": "\#(String(repeating: "a", count: 64))", "user_id": 1, "name": "\u0000"}"#,
            "tokens[0].name"
        ),
        (
            "audit_entries",
            #"{"id": 9, "organization_id": 1, "event": 1, "date": "2026-01-01T00:00:00Z", "actor_label": "\u0000"}"#,
            "audit_entries[0].actor_label"
        ),
    ]

    @Test(arguments: ["", #""exported_at": "2090-01-01T00:00:00Z", "#])
    func aFieldWithAZeroCharacterIsNamedAndNothingIsImported(head: String) throws {
        let runner = try CommandRunner()
        try runner.importDocument(smallDocument)
        let before = try runner.directory.document()

        for (table, row, path) in Self.fields {
            let outcome = try runner.importDocument("{\(head)\"\(table)\": [\(row)]}")

            #expect(outcome.status == 65, "\(path)")
            #expect(
                outcome.error == """
                    hookline: standard input has 1 problem:
                      \(path): must not contain the zero character U+0000
                    Nothing was imported.

                    """)
        }
        #expect(try runner.directory.document() == before)
    }

    @Test func inJSONThatIsStoredAsItIsOneIsAllowed() throws {
        let runner = try CommandRunner()
        try runner.importDocument(smallDocument)

        let outcome = try runner.importDocument(
            #"{"apps": [{"id": 5, "slug": "s", "owner_id": 1, "schema": {"note": "a\u0000b"}}]}"#)

        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(try runner.directory.app(slug: "s")?.schemaJSON == #"{"note":"a\u0000b"}"#)
    }
}
