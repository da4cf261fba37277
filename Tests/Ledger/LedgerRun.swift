import Buffer
import Foundation
import Model
import Queue
import Redis
import TestSupport

/// Sends all events, each until it is accepted, and meanwhile kills workers and restarts Redis.
final class LedgerRun: @unchecked Sendable {
    private static let senderCount = 4
    private static let deadlineSeconds = 900.0

    private let plan: LedgerPlan
    private let stage: LedgerFixture
    private let options: LedgerOptions
    private let lock = NSLock()
    private var next = 0
    private var ids: [String]
    private var failure: (any Error)?

    init(plan: LedgerPlan, stage: LedgerFixture, options: LedgerOptions) {
        self.plan = plan
        self.stage = stage
        self.options = options
        ids = Array(repeating: "", count: plan.events.count)
    }

    /// The id of each event, in their order, once all of them are delivered or given up.
    func carryOut() throws -> [String] {
        let threads = DispatchGroup()
        for _ in 0..<Self.senderCount { start(in: threads, sendAll) }
        start(in: threads, spoil)
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

    /// Sends one event until it is accepted; the same key each time, so that it is accepted once.
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
            let client = try FastCGIClient(socketPath: stage.socketPath)
            try client.sendRequest(parameters, body: body)
            let answer = try client.readResponse(seconds: 60)
            switch answer.status {
            case 202:
                let json = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
                accepted = json?["id"] as? String
            case 503: break
            default: throw TestSupportError("event \(index) was answered \(answer.status): \(answer.text)")
            }
            return accepted != nil
        }
        return accepted ?? ""
    }

    /// Kills and the restart of Redis, spread over the sending by what has been sent, in an order made from the seed.
    private func spoil() throws {
        var random = SeededGenerator(seed: options.seed)
        let count = plan.events.count
        var moments = (0..<options.killCount).map { _ in Int.random(in: count / 20..<count, using: &random) }
        let restart = count * 2 / 5
        moments.append(restart)
        for moment in moments.sorted() {
            try waitUntil("\(moment) events are sent", seconds: Self.deadlineSeconds) { progress >= moment }
            if moment == restart {
                try stage.restartRedis()
            } else {
                try stage.replaceWorker(Int.random(in: 0..<options.workerCount, using: &random))
            }
        }
    }

    private func waitUntilSettled() throws {
        let connection = RedisConnection(
            endpoint: try RedisEndpoint(parsing: stage.redisURL), commandTimeout: .seconds(30))
        let queue = DeliveryQueue(connection: connection)
        let deadline = Date().addingTimeInterval(Self.deadlineSeconds)
        var statistics = try queue.statistics()
        while statistics.waiting + statistics.pending + statistics.scheduled > 0 {
            guard Date() < deadline else {
                throw TestSupportError("not settled: \(statistics)\n\(stage.workersComplaints)")
            }
            usleep(100_000)
            statistics = try queue.statistics()
        }
    }
}
