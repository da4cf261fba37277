import Buffer
import Model
import TestSupport
import Testing

@Suite struct SeenEventsTests {
    @Test(arguments: ["issue.created", "seer.pr_created", "a.b", "x-y.z_9"])
    func wellFormedNames(_ name: String) {
        #expect(SeenEvents.isName(name))
    }

    @Test(arguments: [
        "", "issue", "issue.", ".created", "a.b.c", "Issue.created", "issue.cre ated", "issue.creat\u{E9}", "a\n.b",
        "a:b.c",
        "a.{b}",
    ])
    func otherNames(_ name: String) {
        #expect(!SeenEvents.isName(name))
    }

    @Test func namesHaveALimitOfLength() {
        let longest = "a." + String(repeating: "b", count: SeenEvents.maximumNameBytes - 2)

        #expect(SeenEvents.isName(longest) && !SeenEvents.isName(longest + "b"))
    }

    @Test func theFirstHundredNamesAreKept() throws {
        let server = try RedisServer()
        let events = SeenEvents(connection: try server.connection())

        for number in 0..<SeenEvents.limit + 5 { try events.note(EventType(rawValue: "a.b\(number)"), appID: 7) }
        try events.note("a.b1", appID: 7)
        try events.note("c.d", appID: 8)

        #expect(try events.events(appID: 7).count == SeenEvents.limit)
        #expect(try SeenEvents(connection: try server.connection()).events(appID: 8) == ["c.d"])
    }

    /// Other programs may write to the set.
    @Test func namesThatAreNoneAreNotRead() throws {
        let server = try RedisServer()
        try server.command("SADD", "hookline:{app:7}:events-seen", "x}:y", "a.b")

        #expect(try SeenEvents(connection: try server.connection()).events(appID: 7) == ["a.b"])
    }
}
