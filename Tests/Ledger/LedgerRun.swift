import Buffer
import Delivery
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
    private var deliveries: [[LedgerPlan.Delivery]]
    private var failure: (any Error)?

    init(plan: LedgerPlan, fixture: LedgerFixture, options: LedgerOptions) {
        self.plan = plan
        self.fixture = fixture
        self.options = options
        deliveries = Array(repeating: [], count: plan.events.count)
    }

    /// Returns the deliveries of the events, in their order, once all of them are delivered or dead letters.
    func run() throws -> [LedgerPlan.Delivery] {
        let threads = DispatchGroup()
        for _ in 0..<Self.senderCount { start(in: threads, sendAll) }
        start(in: threads, injectFaults)
        threads.wait()
        if let failure { throw failure }
        try waitUntilSettled()
        return deliveries.flatMap(\.self)
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
            let found = try plan.isRelay ? relay(index) : [send(index)]
            lock.withLock { deliveries[index] = found }
        }
    }

    /// Submits an event until it is accepted, with the same idempotency key each time, so that it is accepted once.
    private func send(_ index: Int) throws -> LedgerPlan.Delivery {
        let event = plan.events[index]
        let body = Array(#"{"event":"\#(event.type.rawValue)","data":{"number":\#(index)}}"#.utf8)
        let parameters = FastCGIClient.parameters(
            "POST", "/api/0/sentry-app-installations/\(event.app.uuid)/events/",
            [
                ("HTTP_AUTHORIZATION", "Bearer \(LedgerFixture.tokenText)"), ("CONTENT_TYPE", "application/json"),
                ("CONTENT_LENGTH", String(body.count)), ("HTTP_IDEMPOTENCY_KEY", "event-\(index)"),
            ])
        let id = try accepted(parameters, body, index)["id"] as? String ?? ""
        return LedgerPlan.Delivery(id: id, requestID: id, behaviour: event.app.behaviour)
    }

    /// Sends a webhook as the original does, until it is accepted, with the same `Request-ID` each time.
    private func relay(_ index: Int) throws -> [LedgerPlan.Delivery] {
        let event = plan.events[index]
        guard let (resource, action) = event.type.parts else { throw TestSupportError("\(event.type) is no event") }
        let requestID = "webhook-\(index)"
        let body = Array(#"{"action":"\#(action)","data":{"number":\#(index)}}"#.utf8)
        let signature = WebhookSignature.hexadecimal(of: body, secret: Secret(LedgerPlan.secret))
        let parameters = FastCGIClient.parameters(
            "POST", "/relay/\(event.app.slug)/",
            [
                ("HTTP_SENTRY_HOOK_SIGNATURE", signature), ("HTTP_SENTRY_HOOK_RESOURCE", resource),
                ("HTTP_REQUEST_ID", requestID), ("CONTENT_TYPE", "application/json"),
                ("CONTENT_LENGTH", String(body.count)),
            ])
        let found = try accepted(parameters, body, index)["deliveries"] as? [[String: String]] ?? []
        let ids = Dictionary(found.map { ($0["target"] ?? "", $0["id"] ?? "") }) { first, _ in first }
        return event.app.targets.map { name, behaviour in
            LedgerPlan.Delivery(id: ids[name] ?? "", requestID: requestID, behaviour: behaviour)
        }
    }

    /// The body of the response with which a request is accepted, as JSON. It is sent until then; a responder may die
    /// meanwhile.
    private func accepted(
        _ parameters: [(String, String)], _ body: [UInt8], _ index: Int
    ) throws -> [String: Any] {
        var accepted: [String: Any]?
        try waitUntil("event \(index) is accepted", seconds: 120) {
            guard let response = try? response(parameters, body) else { return false }
            switch response.status {
            case 202: accepted = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
            case 503: break
            default: throw TestSupportError("event \(index) got the response \(response.status): \(response.text)")
            }
            return accepted != nil
        }
        return accepted ?? [:]
    }

    private func response(
        _ parameters: [(String, String)], _ body: [UInt8]
    ) throws -> FastCGIClient.Response {
        let client = try FastCGIClient(socketPath: fixture.socketPath)
        try client.sendRequest(parameters, body: body)
        return try client.readResponse(seconds: 60)
    }

    /// Kills workers and restarts Redis, at numbers of submitted events that are derived from the seed.
    private func injectFaults() throws {
        var random = SeededGenerator(seed: options.seed)
        let count = plan.events.count
        var moments = (0..<options.killCount).map { _ in Int.random(in: count / 20..<count, using: &random) }
        let restart = count * 2 / 5
        moments.append(restart)
        for (number, moment) in moments.sorted().enumerated() {
            try waitUntil("\(moment) events are sent", seconds: Self.deadlineSeconds) { progress >= moment }
            if moment == restart {
                try fixture.restartRedis()
            } else if plan.isRelay, number.isMultiple(of: 4) {
                try fixture.replaceResponder()
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
