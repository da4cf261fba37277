import Foundation
import System
import TestSupport
import Testing

/// Beside a Sentry, what does not respond keeps nothing else from responding.
@Suite struct SentryAvailabilityTests {
    private static let path = "/api/0/sentry-apps/pub-app/"
    private static let waiting =
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    /// The responder's socket still accepts connections.
    @Test(arguments: [("GET", "requests/"), ("GET", "interaction/"), ("POST", "interaction/")])
    func sentryAnswersForAResponderThatIsSilent(method: String, route: String) throws {
        let site = try SentrySite(readTimeout: "200ms")
        let shipped = try String(
            contentsOfFile: ServerFixture.repositoryPath("nginx/hookline-sentry.params"), encoding: .utf8)
        #expect(shipped.contains(SentrySite.shippedTimeout))
        let responder = try #require(site.responder)
        responder.send(signal: SIGSTOP)
        defer { responder.send(signal: SIGCONT) }
        try waitUntil("every thread has stopped") { try Self.isStopped(responder) }

        let response = try site.client().send(
            method, Self.path + route, body: method == "POST" ? Array("{}".utf8) : nil)

        #expect(response.status == 200)
        #expect(response.text == "web \(method) \(Self.path)\(route)")
    }

    private static func isStopped(_ process: ChildProcess) throws -> Bool {
        let tasks = "/proc/\(process.pid)/task"
        return try FileManager.default.contentsOfDirectory(atPath: tasks).allSatisfy { task in
            try String(contentsOfFile: "\(tasks)/\(task)/stat", encoding: .utf8).contains(") T ")
        }
    }

    /// One of two threads waits for the lock until its time is over; the other does not wait for its connection.
    @Test func aThreadIsLeftWhileATableIsLocked() throws {
        let site = try SentrySite(settings: ["HOOKLINE_THREADS": "2"])
        let cookies = site.cookies(userID: 1)
        let locker = try site.database.connection()
        try locker.execute("BEGIN")
        try locker.execute("LOCK TABLE auth_user IN ACCESS EXCLUSIVE MODE")
        let first = BackgroundRequest(client: try site.directClient())
        let thread = try PosixThread { first.send(Self.path + "requests/", cookies) }
        try waitUntil("a statement waits for the lock") {
            try site.database.rows(Self.waiting).isEmpty == false
        }
        let client = try site.directClient()

        let second = try client.send("GET", Self.path + "requests/", headers: [("Cookie", cookies)])
        let ping = try client.send("GET", "/-/ping")
        let isInTime = !first.isAnswered.isSet
        try locker.execute("COMMIT")
        thread.join()

        #expect(second.status == 503)
        #expect(second.header("Retry-After") != nil)
        #expect(ping.status == 200)
        #expect(isInTime, "the second request was answered only after the first")
    }
}

/// A request whose response is of no interest. One thread at a time uses it.
private final class BackgroundRequest: @unchecked Sendable {
    private let client: HTTPClient
    let isAnswered = ThreadFlag()

    init(client: HTTPClient) {
        self.client = client
    }

    func send(_ target: String, _ cookies: String) {
        _ = try? client.send("GET", target, headers: [("Cookie", cookies)])
        isAnswered.set()
    }
}
