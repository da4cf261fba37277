import Model
import Redis
import TestSupport
import Testing

@testable import Queue

/// The circuit breakers in Redis.
@Suite
struct CircuitBreakerTests {
    private let server: RedisServer
    /// 1709251200 is a multiple of every granularity that is used here.
    private let start = Timestamp(seconds: 1_709_251_200)

    init() throws {
        server = try RedisServer()
    }

    private func breakers(_ settings: CircuitBreakerSettings = CircuitBreakerSettings()) throws -> CircuitBreakers {
        CircuitBreakers(connection: try server.connection(), settings: settings)
    }

    private func state(_ breakers: CircuitBreakers, after seconds: Int64) throws -> CircuitState {
        try #require(try breakers.states(of: ["sample-app"], at: start.adding(seconds: seconds)).first)
    }

    private func contents() throws -> [String: String] {
        var contents: [String: String] = [:]
        for key in try server.command("KEYS", "*").split(separator: "\r\n").map(String.init)
        where key.contains("-") && !key.hasPrefix("$") && !key.hasPrefix("*") {
            contents[key] = try server.command("GET", key).split(separator: "\r\n").last.map(String.init)
        }
        return contents
    }

    /// As the original writes them, with its defaults.
    @Test func keysAndValuesAreTheOriginals() throws {
        let breakers = try breakers(CircuitBreakerSettings(floor: 3))

        let opened = try breakers.record(
            [CircuitTally("sample-app", errors: 3, successes: 2)], at: start.adding(seconds: 29))

        #expect(opened == ["sample-app": .open(until: 1_709_251_529)])
        let counter = "sliding-window-rate-limit:sentry-app.webhook.sample-app.circuit_breaker"
        #expect(
            try contents() == [
                "\(counter).ok:600:30:56975039": "3", "\(counter).total_requests:600:30:56975039": "5",
                "sentry-app.webhook.sample-app.circuit_breaker.broken": "1709251529",
                "sentry-app.webhook.sample-app.circuit_breaker.in_recovery": "1709252729",
            ])
        for (key, seconds) in [
            ("\(counter).ok:600:30:56975039", 600), ("sentry-app.webhook.sample-app.circuit_breaker.broken", 300),
            ("sentry-app.webhook.sample-app.circuit_breaker.in_recovery", 1500),
        ] {
            let left = try #require(Int(try server.command("TTL", key).dropFirst().split(separator: "\r\n")[0]))
            #expect((seconds - 30...seconds).contains(left))
        }
    }

    /// A breaker that the original has opened.
    @Test func whatTheOriginalHasWrittenHolds() throws {
        try server.command("SET", "sentry-app.webhook.sample-app.circuit_breaker.broken", "1709251210")
        try server.command("SET", "sentry-app.webhook.sample-app.circuit_breaker.in_recovery", "1709251220")
        let breakers = try breakers()

        #expect(try state(breakers, after: 9) == .open(until: 1_709_251_210))
        #expect(try state(breakers, after: 10) == .recovering(until: 1_709_251_220))
        #expect(try state(breakers, after: 20) == .closed)
    }

    @Test(arguments: ["", "x", "-1", "9223372036854775807", "99999999999999999999"])
    func whatElseIsInTheKeysIsBounded(value: String) throws {
        let settings = CircuitBreakerSettings(floor: 1)
        let breakers = try breakers(settings)
        let counter = CircuitBreakerKey.count(
            .errors, "sample-app", settings, granule: settings.granules(at: start.seconds)[1])
        for key in [CircuitBreakerKey.open("sample-app"), CircuitBreakerKey.recovery("sample-app"), counter] {
            try server.command("SET", key, value)
        }

        switch try state(breakers, after: 0) {
        case .open(let end), .recovering(let end): #expect(end <= start.seconds + 31_536_000)
        case .closed: break
        }
        try server.command("DEL", CircuitBreakerKey.open("sample-app"))
        _ = try breakers.record([CircuitTally("sample-app", errors: 1)], at: start)
    }

    @Test(arguments: [
        (499, 0, false), (500, 0, true), (500, 500, true), (500, 501, false), (5000, 5001, false), (0, 10_000, false),
    ])
    func itOpensAtTheFloorIfErrorsAreAtLeastTheShare(errors: Int64, successes: Int64, isOpen: Bool) throws {
        let opened = try breakers().record(
            [CircuitTally("sample-app", errors: errors, successes: successes)], at: start)

        #expect(opened.isEmpty != isOpen)
    }

    @Test func afterItWasOpenATenthOfTheErrorsOpensItAgain() throws {
        let breakers = try breakers()
        let tally = { (errors: Int64) in [CircuitTally("sample-app", errors: errors)] }
        #expect(try !breakers.record(tally(500), at: start).isEmpty)
        // Not counted while it is open.
        #expect(try breakers.record(tally(500), at: start.adding(seconds: 299)).isEmpty)

        #expect(try state(breakers, after: 300) == .recovering(until: start.seconds + 1500))
        #expect(try breakers.record(tally(49), at: start.adding(seconds: 300)).isEmpty)
        #expect(try !breakers.record(tally(1), at: start.adding(seconds: 400)).isEmpty)
        #expect(try state(breakers, after: 699) == .open(until: start.seconds + 700))
    }

    @Test func anOpeningIsMailedOnceAndEachOneProlongsTheSilence() throws {
        let breakers = try breakers()
        let key = "sentry-app.webhook.circuit-breaker.notified.sample-app"

        #expect(try breakers.claimMail("sample-app"))
        try server.command("EXPIRE", key, "100")
        #expect(try !breakers.claimMail("sample-app"))

        let left = try #require(Int(try server.command("TTL", key).dropFirst().split(separator: "\r\n")[0]))
        #expect(left > 86_000)
        try breakers.releaseMail("sample-app")
        #expect(try breakers.claimMail("sample-app"))
    }

    /// Two writers share counters and state, and both see what a model of the rules says.
    @Test(arguments: 1...6)
    func twoWritersAgreeWithTheModel(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let settings = CircuitBreakerSettings(
            windowSeconds: 100, openSeconds: 30, threshold: 0.5, floor: Int64.random(in: 1...30, using: &random))
        let writers = [try breakers(settings), try breakers(settings)]
        var model = CircuitModel(settings)
        var now = start.seconds
        for _ in 0..<150 {
            now += Int64.random(in: 0...8, using: &random)
            let errors = Int64.random(in: 0...4, using: &random)
            let successes = Int64.random(in: 0...4, using: &random)
            let writer = writers[Int.random(in: 0...1, using: &random)]

            let opened = try writer.record(
                [CircuitTally("sample-app", errors: errors, successes: successes)],
                at: Timestamp(seconds: now))

            #expect(!opened.isEmpty == model.record(errors: errors, successes: successes, at: now))
            for writer in writers {
                #expect(
                    try writer.states(of: ["sample-app"], at: Timestamp(seconds: now)) == [model.state(at: now)])
            }
        }
    }
}

/// The rules of docs/protocol.md 7.9, without Redis.
private struct CircuitModel {
    private struct Result {
        var time: Int64
        var errors: Int64
        var total: Int64
        var isRecovering: Bool
    }

    private let settings: CircuitBreakerSettings
    private var results: [Result] = []
    private var openedAt: Int64?

    init(_ settings: CircuitBreakerSettings) {
        self.settings = settings
    }

    func state(at now: Int64) -> CircuitState {
        guard let openedAt else { return .closed }
        let closes = openedAt + settings.openSeconds
        if now < closes { return .open(until: closes) }
        let recovered = closes + 2 * settings.windowSeconds
        return now < recovered ? .recovering(until: recovered) : .closed
    }

    /// Whether it opens.
    mutating func record(errors: Int64, successes: Int64, at now: Int64) -> Bool {
        let isRecovering: Bool
        switch state(at: now) {
        case .open: return false
        case .recovering: isRecovering = true
        case .closed: isRecovering = false
        }
        results.append(Result(time: now, errors: errors, total: errors + successes, isRecovering: isRecovering))
        guard errors > 0 else { return false }
        // Twenty periods of five seconds, the current one included.
        let recent = results.filter { $0.time / 5 > now / 5 - 20 }
        let sum = recent.reduce(0) { $0 + $1.errors }
        let total = recent.reduce(0) { $0 + $1.total }
        let counted = isRecovering ? recent.filter(\.isRecovering).reduce(0) { $0 + $1.errors } : sum
        let floor = isRecovering ? max(settings.floor / 10, 1) : settings.floor
        guard counted >= floor, 2 * sum >= total else { return false }
        openedAt = now
        return true
    }
}
