import Buffer
import Foundation
import Model
import Queue
import Redis
import TestSupport

/// Submits all events, each until it is accepted, and meanwhile kills workers and restarts Redis.
final class LedgerRun: @unchecked Sendable {
    private static let senderCount = 4
    private static let deadlineSeconds = 900.0

    private let plan: LedgerPlan
    private let fixture: LedgerFixture
    private let options: LedgerOptions
    private let lock = NSLock()
    private var next = 0
    private var ids: [String]
    private var failure: (any Error)?

    init(plan: LedgerPlan, fixture: LedgerFixture, options: LedgerOptions) {
        self.plan = plan
        self.fixture = fixture
        self.options = options
        ids = Array(repeating: "", count: plan.events.count)
    }

    /// Returns the ids of the events, in their order, once all of them are delivered or dead letters.
    func run() throws -> [String] {
        let threads = DispatchGroup()
        for _ in 0..<Self.senderCount { start(in: threads, sendAll) }
        start(in: threads, injectFaults)
        threads.wait()
        if let failure { throw failure }
        try waitUntilSettled()
        return ids
    }

    private func start(in group: DispatchGroup, _ body: @escaping @Sendable () throws -> Void) {
        group.enter()
        Thread.detachNewThread {
            defer { group.leave() }
            do {
                try body()
            } catch {
                self.lock.withLock { self.failure = self.failure ?? error }
            }
        }
    }

    private var progress: Int { lock.withLock { failure == nil ? next : plan.events.count } }

    private func sendAll() throws {
        while true {
            let index = lock.withLock {
                next += 1
                return next - 1
            }
            guard index < plan.events.count else { return }
            let id = try send(index)
            lock.withLock { ids[index] = id }
        }
    }

    /// Submits an event until it is accepted, with the same idempotency key each time, so that it is accepted once.
    private func send(_ index: Int) throws -> String {
        let event = plan.events[index]
        let body = Array(#"{"event":"\#(event.type.rawValue)","data":{"number":\#(index)}}"#.utf8)
        let parameters = FastCGIClient.parameters(
            "POST", "/api/0/sentry-app-installations/\(event.app.uuid)/events/",
            [
                ("HTTP_AUTHORIZATION", "Bearer \(LedgerFixture.tokenText)"), ("CONTENT_TYPE", "application/json"),
                ("CONTENT_LENGTH", String(body.count)), ("HTTP_IDEMPOTENCY_KEY", "event-\(index)"),
            ])
        var accepted: String?
        try waitUntil("event \(index) is accepted", seconds: 120) {
            let client = try FastCGIClient(socketPath: fixture.socketPath)
            try client.sendRequest(parameters, body: body)
            let response = try client.readAnswer(seconds: 60)
            switch response.status {
            case 202:
                let json = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
                accepted = json?["id"] as? String
            case 503: break
            default: throw TestSupportError("event \(index) got the response \(response.status): \(response.text)")
            }
            return accepted != nil
        }
        return accepted ?? ""
    }

    /// Kills workers and restarts Redis, at numbers of submitted events that are derived from the seed.
    private func injectFaults() throws {
        var random = SeededGenerator(seed: options.seed)
        let count = plan.events.count
        var moments = (0..<options.killCount).map { _ in Int.random(in: count / 20..<count, using: &random) }
        let restart = count * 2 / 5
        moments.append(restart)
        for moment in moments.sorted() {
            try waitUntil("\(moment) events are sent", seconds: Self.deadlineSeconds) { progress >= moment }
            if moment == restart {
                try fixture.restartRedis()
            } else {
                try fixture.replaceWorker(Int.random(in: 0..<options.workerCount, using: &random))
            }
        }
    }

    private func waitUntilSettled() throws {
        let connection = RedisConnection(
            endpoint: try RedisEndpoint(parsing: fixture.redisURL), commandTimeout: .seconds(30))
        let queue = DeliveryQueue(connection: connection)
        let deadline = Date().addingTimeInterval(Self.deadlineSeconds)
        var statistics = try queue.statistics()
        while statistics.waiting + statistics.pending + statistics.scheduled > 0 {
            guard Date() < deadline else {
                throw TestSupportError("not settled: \(statistics)\n\(fixture.workerErrors)")
            }
            usleep(100_000)
            statistics = try queue.statistics()
        }
    }
}
