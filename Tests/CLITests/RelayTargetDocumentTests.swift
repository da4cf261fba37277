import Directory
import Model
import TestSupport
import Testing
import WebhookRules
import WireJSON

@testable import CLI

/// The `targets` of an app in documents.
@Suite(.eachStore) struct RelayTargetDocumentTests {
    private let runner: CommandRunner

    init() throws {
        runner = try CommandRunner()
        let outcome = try runner.importDocument(
            #"{"organizations": [{"id": 1, "slug": "acme"}], "apps": [{"id": 1, "slug": "radar", "owner_id": 1}]}"#)
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    private func document(_ more: String) -> String {
        #"{"apps": [{"id": 1, "slug": "radar", "owner_id": 1\#(more)}]}"#
    }

    private func targets() throws -> [RelayTarget]? {
        RelayTargets(of: try #require(try runner.directory.app(slug: "radar")))?.list
    }

    @Test func targetsAreImportedKeptAndExported() throws {
        let given = try runner.importDocument(
            document(
                """
                , "targets": [{"name": "main", "url": "https://a.test/x", "events": ["issue"], "timeout_ms": 700,
                "conditions": {"data.issue.project.slug": "web"}, "headers": ["X-Key: hush"]},
                {"name": "other", "url": "https://b.test/"}]
                """))
        #expect(given.status == 0, "\(given.error)")
        let expected = [
            RelayTarget(
                name: "main", url: "https://a.test/x", events: ["issue"],
                conditions: [.init(path: "data.issue.project.slug", value: .string("web"))], timeoutMilliseconds: 700,
                headers: [.init(name: "X-Key", value: Secret("hush"))]),
            RelayTarget(name: "other", url: "https://b.test/"),
        ]
        #expect(try targets() == expected)

        _ = try runner.importDocument(document(#", "name": "Radar""#))
        #expect(try targets() == expected)
        let export = try runner.export()
        _ = try runner.importDocument(document(#", "targets": []"#))
        #expect(try targets() == [])
        let restored = try runner.importDocument(export, replacing: true)
        #expect(restored.status == 0, "\(restored.error)")
        #expect(try targets() == expected)
    }

    @Test(arguments: [
        (#"[{"url": "https://a.test/"}]"#, "apps[0].targets[0].name: is required"),
        (#"[{"name": "a"}]"#, "apps[0].targets[0].url: is required"),
        (#"[{"name": "A", "url": "https://a.test/"}]"#, "apps[0].targets[0].name: must have 1 to 64 lower-case"),
        (#"[{"name": "a", "url": "ftp://a.test/"}]"#, "apps[0].targets[0].url: "),
        (
            #"[{"name": "a", "url": "https://a.test/"}, {"name": "a", "url": "https://b.test/"}]"#,
            "apps[0].targets[1].name: is the name of another target, too"
        ),
        (
            #"[{"name": "a", "url": "https://a.test/", "conditions": {"a..b": 1}}]"#,
            "apps[0].targets[0].conditions.a..b: must be names of members"
        ),
        (
            #"[{"name": "a", "url": "https://a.test/", "conditions": {"a": [1]}}]"#,
            "apps[0].targets[0].conditions.a: must be a string, a number, a boolean or null"
        ),
        (
            #"[{"name": "a", "url": "https://a.test/", "timeout_ms": 0}]"#,
            "apps[0].targets[0].timeout_ms: must be between 1 and 600000"
        ),
        (
            #"[{"name": "a", "url": "https://a.test/", "headers": ["Host: hush"]}]"#,
            "apps[0].targets[0].headers[0]: Host is reserved"
        ),
        (#"[{"name": "a", "url": "https://a.test/", "x": 1}]"#, "apps[0].targets[0].x: unknown field"),
        (#"{"name": "a"}"#, "apps[0].targets: must be an array, not an object"),
    ])
    func whatIsWrongIsNamed(targets: String, expected: String) throws {
        let refused = try runner.importDocument(document(", \"targets\": \(targets)"))

        #expect(refused.status == 65 && refused.error.contains(expected), "\(refused.error)")
        #expect(!refused.error.contains("hush"))
        #expect(try self.targets() == [])
    }

    @Test func anAppHasALimitedNumberOfTargets() throws {
        let list = (1...17).map { #"{"name": "t\#($0)", "url": "https://a.test/"}"# }.joined(separator: ",")

        let refused = try runner.importDocument(document(", \"targets\": [\(list)]"))

        #expect(refused.status == 65 && refused.error.contains("apps[0].targets: has 17 targets, the maximum is 16"))
    }
}
