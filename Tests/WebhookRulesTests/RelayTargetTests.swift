import Model
import Testing
import WebhookRules
import WireJSON

/// Which webhooks a target of a relay gets, and how targets are stored.
@Suite struct RelayTargetTests {
    private func accepts(
        _ event: String, events: [String] = [], _ conditions: [(String, JSONValue)] = [], _ body: String = "{}"
    ) -> Bool {
        let target = RelayTarget(
            name: "a", url: "https://a.test/", events: events,
            conditions: conditions.map { RelayTarget.Condition(path: $0, value: $1) })
        return target.accepts(EventType(rawValue: event)) { try? JSONValue(parsing: body) }
    }

    @Test(arguments: [
        ("issue.created", [], true), ("issue.created", ["issue.created"], true), ("issue.created", ["issue"], true),
        ("issue.created", ["issue.resolved", "error"], false), ("issues.created", ["issue"], false),
        ("issue", ["issue"], true), ("issue.created.x", ["issue.created"], false),
    ])
    func eventsAreNamedAloneOrByTheirResource(_ event: String, _ events: [String], _ isAccepted: Bool) {
        #expect(accepts(event, events: events) == isAccepted)
    }

    @Test(arguments: [
        ("data.project.slug", #""web""#, true), ("data.project.slug", #""Web""#, false), ("data.project.id", "5", true),
        ("data.project.id", "5.0", true), ("data.project.id", #""5""#, false), ("data.open", "true", true),
        ("data.none", "null", true), ("data.absent", "null", false), ("data.project", #""web""#, false),
        ("data.list", "1", false), ("data.project.slug.x", #""web""#, false), ("action", #""created""#, true),
        ("data.large", "9007199254740993", true), ("data.large", "9007199254740992", false),
    ])
    func aConditionComparesOneValue(_ path: String, _ value: String, _ isAccepted: Bool) throws {
        let body = """
            {"action": "created", "data": {"project": {"slug": "web", "id": 5}, "open": true, "none": null,
            "list": [1], "large": 9007199254740993}}
            """
        #expect(accepts("issue.created", [(path, try JSONValue(parsing: value))], body) == isAccepted)
    }

    @Test func allConditionsMustBeMet() {
        let conditions: [(String, JSONValue)] = [("a", .number("1")), ("b", .number("2"))]
        #expect(accepts("issue.created", conditions, #"{"a": 1, "b": 2}"#))
        #expect(!accepts("issue.created", conditions, #"{"a": 1, "b": 3}"#))
        #expect(!accepts("issue.created", conditions, "no JSON"))
    }

    @Test func storedTargetsAreReadAsTheyWere() throws {
        var app = SentryApp(id: 1, slug: "a", name: "A", ownerID: 1, status: .internal, uuid: "u")
        let targets = RelayTargets([
            RelayTarget(
                name: "main", url: "https://a.test/x", events: ["issue"],
                conditions: [.init(path: "data.a", value: .number("1")), .init(path: "data.b", value: .null)],
                timeoutMilliseconds: 700, headers: [.init(name: "X-Key", value: Secret("a: b"))]),
            RelayTarget(name: "other", url: "https://b.test/"),
        ])

        app.relayTargets = targets.stored

        #expect(RelayTargets(of: app) == targets)
        #expect(RelayTargets(of: app)?["other"]?.url == "https://b.test/" && targets["none"] == nil)
        #expect(RelayTargets([]).stored == nil)
        app.relayTargets = nil
        #expect(RelayTargets(of: app)?.list == [])
        for text in ["{}", "[1]", #"[{"name": "A B", "url": "x"}]"#, #"[{"name": "a"}]"#, "no JSON"] {
            app.relayTargets = Secret(text)
            #expect(RelayTargets(of: app) == nil, "\(text)")
        }
    }

    @Test func namesAndPathsHaveRules() {
        for name in ["a", "0", "a-b_c9", String(repeating: "a", count: 64)] { #expect(RelayTarget.isName(name)) }
        for name in ["", "-a", "A", "a.b", "ä", "a b", String(repeating: "a", count: 65)] {
            #expect(!RelayTarget.isName(name), "\(name)")
        }
        #expect(RelayTarget.isPath("a") && RelayTarget.isPath("a.b c.ü"))
        for path in ["", ".", "a.", ".a", "a..b"] { #expect(!RelayTarget.isPath(path), "\(path)") }
    }
}
