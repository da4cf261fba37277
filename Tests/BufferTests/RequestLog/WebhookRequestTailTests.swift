import Buffer
import Model
import Redis
import TestSupport
import Testing

/// The rows of a log as they are added.
@Suite struct WebhookRequestTailTests {
    private let server: RedisServer
    private let proxy: RedisProxy
    private let tail: WebhookRequestTail

    init() throws {
        server = try RedisServer()
        proxy = try RedisProxy(server)
        let connection = RedisConnection(
            endpoint: try RedisEndpoint(parsing: proxy.url), commandTimeout: .seconds(10))
        tail = WebhookRequestTail(
            connection: connection, appID: 1, events: ["issue.created", "issue.assigned"], errorsOnly: false)
    }

    private func add(_ numbers: ClosedRange<Int>, event: String = "issue.created", padding: Int = 0) throws {
        let rows = numbers.map { number in
            let date = Timestamp(seconds: 1_700_000_000 + Int64(number)).pythonDescription
            return #"{"date":"\#(date)","response_code":\#(number),"webhook_url":"#
                + #""\#(String(repeating: "x", count: padding))"}"#
        }
        let connection = try RedisTestConnection(socketPath: server.socketPath)
        let key = "sentry-app-webhook-request:{1}:\(event)"
        for row in rows { _ = try connection.command(["LPUSH", key, row]) }
        _ = try connection.command(["LTRIM", key, "0", "99"])
    }

    private func codes() throws -> [Int] { try tail.next().page.rows.map(\.responseCode) }

    @Test func eachRowComesOnceNewestFirst() throws {
        try add(1...3)
        #expect(try codes() == [3, 2, 1])
        #expect(try codes() == [])
        try add(5...6)
        try add(4...4, event: "issue.assigned")

        let addition = try tail.next()

        #expect(addition.page.rows.map(\.responseCode) == [6, 5, 4])
        #expect(addition.page.rows.map(\.eventIndex) == [0, 0, 1])
        #expect(try codes() == [])
    }

    @Test func aCallWithoutNewRowsTakesOneRoundTripAndASmallReply() throws {
        try add(1...100, padding: 5000)
        _ = try codes()
        let before = proxy.roundTripCount

        #expect(try codes() == [])

        #expect(proxy.roundTripCount == before + 1)
        try add(101...101)
        #expect(try codes() == [101])
        #expect(proxy.roundTripCount == before + 3)
    }

    @Test func aListThatIsFilledWithNewRowsBetweenTwoCallsIsNamed() throws {
        try add(1...50)
        #expect(try tail.next().overrunEvents == [])
        try add(51...149)
        #expect(try tail.next().overrunEvents == [])
        try add(150...300)

        let addition = try tail.next()

        #expect(addition.overrunEvents == ["issue.created"])
        #expect(addition.page.rows.map(\.responseCode) == (201...300).reversed())
        try add(301...301)
        #expect(try codes() == [301])
    }

    @Test func aListThatVanishesAndComesBackBeginsAgain() throws {
        try add(1...2)
        _ = try codes()
        try server.command("DEL", "sentry-app-webhook-request:{1}:issue.created")
        #expect(try codes() == [])
        try add(2...3)
        #expect(try codes() == [3, 2])
    }

    /// An event is erased, or a row expires in the original's way: the rows below it are not new.
    @Test func removingTheNewestRowsShowsNoRowAgain() throws {
        let key = "sentry-app-webhook-request:{1}:issue.created"
        try add(1...5)
        _ = try codes()
        let row = try #require(try server.list(key).first)
        try server.command("LREM", key, "0", row)
        #expect(try codes() == [])

        try server.command("LPOP", key)
        try add(6...7)
        #expect(try codes() == [7, 6])
    }

    @Test func entriesThatCannotBeReadAreCountedOnce() throws {
        try add(1...1)
        try server.command("LPUSH", "sentry-app-webhook-request:{1}:issue.created", "no json")

        let first = try tail.next().page
        #expect(first.rows.count == 1 && first.skippedCount == 1)
        try add(2...2)
        let second = try tail.next().page
        #expect(second.rows.map(\.responseCode) == [2] && second.skippedCount == 0)
    }

    @Test func anErrorForgetsNothing() throws {
        try add(1...1)
        _ = try codes()
        try server.command("SET", "sentry-app-webhook-request:{1}:issue.assigned", "x")
        try add(2...2)
        #expect(throws: RedisError.self) { try tail.next() }

        try server.command("DEL", "sentry-app-webhook-request:{1}:issue.assigned")
        #expect(try codes() == [2])
    }
}
