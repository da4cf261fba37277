import Buffer
import Foundation
import Queue
import TestSupport
import Testing

/// Redelivery jobs run by the shipped worker, which is killed again and again.
@Suite(.serialized)
struct RedeliveryJobTests {
    private static let app = DeliveryFixture.App(id: 10)
    /// Events of one test: 600, or as many as the environment says.
    private static let count =
        ProcessInfo.processInfo.environment["HOOKLINE_REDELIVERY_EVENTS"].flatMap(Int.init) ?? 600
    /// The deadline of a step.
    private static let seconds = 60 * max(1, Double(count / 600))

    /// Sends events and waits until they are delivered; returns their ids.
    private func deliver(_ count: Int, _ fixture: DeliveryFixture) throws -> [String] {
        let lines = (1...count).map { number in
            #"{"installation":"\#(Self.app.installation())","event":"issue.created","data":{"number":\#(number)}}"#
        }
        let file = fixture.folder.file("events.ndjson")
        try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let sent = try fixture.hookline(["event", "send", "--from", file])
        try #require(sent.status == .exited(0), "\(sent.error)")
        try fixture.settle(seconds: Self.seconds)
        return fixture.receiver.received.compactMap { $0.header("Request-ID") }
    }

    private func create(_ fixture: DeliveryFixture, _ arguments: String...) throws -> String {
        let result = try fixture.hookline(
            ["redelivery", "create", "--app", Self.app.slug, "--since", "1h"] + arguments)
        try #require(result.status == .exited(0), "\(result.error)")
        return result.output.trimmingCharacters(in: .newlines)
    }

    private func job(_ id: String, _ fixture: DeliveryFixture) throws -> GoldenValue {
        let result = try fixture.hookline(["redelivery", "show", id, "--app", Self.app.slug, "--json"])
        try #require(result.status == .exited(0), "\(result.error)")
        return try GoldenValue(parsing: result.output)
    }

    private func state(_ id: String, _ fixture: DeliveryFixture) throws -> String {
        try fixture.redis.command("HGET", "hookline:{redelivery}:job:\(id)", "state")
    }

    /// The number of webhooks by the event that they redeliver.
    private func redelivered(_ fixture: DeliveryFixture) -> [String: Set<String>] {
        fixture.receiver.received.reduce(into: [:]) { found, request in
            guard let original = request.header("Hookline-Original-ID"), let id = request.header("Request-ID") else {
                return
            }
            found[original, default: []].insert(id)
        }
    }

    @Test func whileWorkersAreKilledEachEventIsRedeliveredOnceOrOnceMore() throws {
        var app = Self.app
        app.path = "/judged"
        let fixture = try DeliveryFixture([app], settings: ["HOOKLINE_APP_CONCURRENCY": "4"])
        // Slowly, so that the job lasts longer than the workers.
        let gate = DispatchSemaphore(value: 0)
        fixture.receiver.answer { request in
            if request.header("Hookline-Original-ID") != nil { _ = gate.wait(timeout: .now() + 0.06) }
            return 200
        }
        let ids = try deliver(Self.count, fixture)
        let id = try create(fixture)
        for part in 1...5 {
            try waitUntil("part \(part) of the events is redelivered", seconds: Self.seconds) {
                redelivered(fixture).count >= part * Self.count / 8
            }
            try fixture.replaceWorker()
            // As if the lease of a step in progress were over.
            try fixture.redis.command(
                "EVAL",
                """
                for _, job in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
                    redis.call('ZADD', KEYS[1], 0, job)
                end
                """, "1", "hookline:{redelivery}:active")
        }
        try waitUntil("the job is done", seconds: 2 * Self.seconds) { try job(id, fixture)["state"].string == "done" }
        try fixture.settle(seconds: Self.seconds)

        #expect(try job(id, fixture)["redelivered"].integer == Int64(Self.count))
        let counts = redelivered(fixture)
        #expect(Set(counts.keys) == Set(ids))
        // One event each; its webhook may have been sent once more.
        #expect(counts.values.allSatisfy { $0.count == 1 })
        let requests = fixture.receiver.received.filter { $0.header("Hookline-Original-ID") != nil }.count
        #expect((Self.count...2 * Self.count).contains(requests))
    }

    @Test func aCancelledJobStops() throws {
        var app = Self.app
        app.path = "/judged"
        let fixture = try DeliveryFixture([app])
        // Redelivered events are slow until the job is cancelled.
        let gate = DispatchSemaphore(value: 0)
        fixture.receiver.answer { request in
            if request.header("Hookline-Original-ID") != nil { _ = gate.wait(timeout: .now() + 0.4) }
            return 200
        }
        _ = try deliver(Self.count, fixture)
        try fixture.stopWorker()
        let id = try create(fixture)
        let worker = try fixture.startWorker()
        defer { worker.send(signal: SIGKILL) }
        try waitUntil("the job is running", seconds: 30) {
            try state(id, fixture).contains("running")
        }

        // A busy machine may run the command late.
        worker.send(signal: SIGSTOP)
        let cancelled = try fixture.hookline(["redelivery", "cancel", id, "--app", Self.app.slug])

        worker.send(signal: SIGCONT)
        #expect(cancelled.status == .exited(0))
        #expect(cancelled.output.hasPrefix("cancelled; "))
        for _ in 0..<Self.count { gate.signal() }
        try fixture.settle(seconds: Self.seconds)
        let count = redelivered(fixture).count
        #expect(count < Self.count)
        let listed = try fixture.hookline(["redelivery", "list", "--app", Self.app.slug, "--json"])
        #expect(try GoldenValue(parsing: listed.output)["state"].string == "cancelled")
    }

    @Test func wrongArgumentsAreNamed() throws {
        let fixture = try DeliveryFixture([Self.app])
        let run = { (arguments: [String]) in try fixture.hookline(["redelivery"] + arguments) }

        let dry = try run(["create", "--app", Self.app.slug, "--since", "1h", "--dry-run"])
        #expect(dry.status == .exited(0) && dry.output == "0 events of app-10 in the time range.\n")
        for (arguments, message) in [
            (["create", "--app", "nope", "--since", "1h"], "no such app: nope"),
            (["create", "--app", Self.app.slug, "--since", "soon"], "--since: \"soon\" is neither a time"),
            (["create", "--app", Self.app.slug, "--since", "1h", "--until", "2h"], "--since must be before --until"),
            (
                ["create", "--app", Self.app.slug, "--since", "1h", "--organization", "nope"],
                "no such organization: nope"
            ),
            (["create", "--app", Self.app.slug, "--since", "1h", "--event", "nope"], "nope"),
            (["show", "nope", "--app", Self.app.slug], "no redelivery job of app-10: nope"),
            (["cancel", "nope", "--app", Self.app.slug], "no redelivery job of app-10: nope"),
        ] {
            let result = try run(arguments)
            #expect(result.status == .exited(65), "\(arguments)")
            #expect(result.error.contains(message), "\(arguments): \(result.error)")
        }
    }
}
