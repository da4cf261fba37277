import Buffer
import Delivery
import Foundation
import Model
import Queue
import Redis
import TestSupport

/// The result: compares the requests that the receiver got with the log and with the accepted events.
struct LedgerVerdict {
    private(set) var accepted = 0
    /// Requests that the receiver got.
    private(set) var received = 0
    /// Requests without a log row of their own: sent again because a worker died before it recorded the attempt.
    private(set) var duplicated = 0
    /// Accepted events that the receiver never got.
    private(set) var lost = 0
    /// Attempts in the log.
    private(set) var logged = 0
    private(set) var dead = 0
    /// Differences between receiver, log and accepted events.
    private(set) var disagreements: [String] = []

    var isGood: Bool { lost == 0 && disagreements.isEmpty }

    var text: String {
        var lines = [
            "accepted    \(accepted)", "received    \(received)", "duplicated  \(duplicated)", "lost        \(lost)",
            "logged      \(logged)", "dead        \(dead)",
        ]
        lines += disagreements.prefix(20).map { "disagreement: \($0)" }
        if disagreements.count > 20 { lines.append("… and \(disagreements.count - 20) more disagreements") }
        lines.append(isGood ? "log and receivers agree, nothing is lost" : "FAILED")
        return lines.joined(separator: "\n")
    }

    /// Tells the requests of one delivery from others: targets of a relay get the same `Request-ID`.
    private struct Route: Hashable {
        let requestID: String
        /// Of a relay alone.
        let path: String
    }

    /// One attempt of the log.
    private struct LoggedAttempt: Hashable {
        let date: String
        let number: Int
        let code: Int
    }

    init(plan: LedgerPlan, fixture: LedgerFixture, accepted deliveries: [LedgerPlan.Delivery]) throws {
        accepted = deliveries.count
        let requests = Dictionary(grouping: fixture.receiver.received) { request in
            Route(requestID: request.header("Request-ID") ?? "", path: plan.isRelay ? request.path : "")
        }
        received = requests.values.reduce(0) { $0 + $1.count }
        let attempts = try Self.log(plan, fixture)
        logged = attempts.values.reduce(0) { $0 + $1.count }
        dead = try Self.deadLetters(fixture)

        let known = Set(deliveries.map(\.id))
        if known.count != deliveries.count { disagreements.append("two events were accepted under one id") }
        let routes = deliveries.map { Route(requestID: $0.requestID, path: plan.isRelay ? $0.behaviour.rawValue : "") }
        for id in Set(requests.keys).subtracting(routes).map(\.requestID) + Set(attempts.keys).subtracting(known) {
            disagreements.append("\(id) was received or logged but not accepted")
        }
        for (delivery, route) in zip(deliveries, routes) {
            compare(delivery.id, delivery.behaviour, requests[route] ?? [], attempts[delivery.id] ?? [])
        }
        let failing = deliveries.count { !$0.behaviour.isReliable }
        if dead != failing { disagreements.append("\(failing) events could only fail, \(dead) are dead letters") }
    }

    private mutating func compare(
        _ id: String, _ behaviour: LedgerPlan.Behaviour, _ requests: [WebhookReceiver.Received],
        _ attempts: Set<LoggedAttempt>
    ) {
        guard let first = requests.first else {
            lost += 1
            return
        }
        duplicated += max(0, requests.count - attempts.count)
        if requests.contains(where: { $0.path != behaviour.rawValue || $0.body != first.body }) {
            disagreements.append("\(id) came with several paths or bodies")
        }
        let signature = WebhookSignature.hexadecimal(of: first.body, secret: Secret(LedgerPlan.secret))
        if requests.contains(where: { $0.header("Sentry-Hook-Signature") != signature }) {
            disagreements.append("\(id) came with a signature that does not verify")
        }
        let responses = attempts.filter { $0.code != 0 }
        if responses.contains(where: { $0.code != behaviour.responseCode }) {
            disagreements.append("\(id) got the response \(behaviour.responseCode), logged \(responses.map(\.code))")
        }
        if responses.count > requests.count {
            disagreements.append("\(id) got \(requests.count) responses, logged \(responses.count)")
        }
        let numbers = Set(attempts.map(\.number))
        if behaviour.isReliable {
            if responses.isEmpty { disagreements.append("\(id) was delivered, and the log does not say so") }
        } else if numbers != Set(1...LedgerPlan.attemptCount) {
            disagreements.append("\(id) could only fail; its logged attempts are \(numbers.sorted())")
        }
    }

    /// The attempts of each event; a row that was written twice because a reply of Redis was lost counts once.
    private static func log(_ plan: LedgerPlan, _ fixture: LedgerFixture) throws -> [String: Set<LoggedAttempt>] {
        let connection = try RedisTestConnection(socketPath: fixture.folder.file("redis.sock"))
        var attempts: [String: Set<LoggedAttempt>] = [:]
        for app in plan.apps {
            for type in EventCatalogue.version23Dot7.events {
                let key = "sentry-app-webhook-request:{\(app.id)}:\(type.rawValue)"
                let lines = try connection.command(["LRANGE", key, "0", "-1"]).components(separatedBy: "\r\n")
                // Rows are written in ASCII without line breaks.
                for line in lines where line.hasPrefix("{") {
                    let row = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
                    attempts[row["request_id"] as? String ?? "", default: []].insert(
                        LoggedAttempt(
                            date: row["date"] as? String ?? "", number: row["attempt"] as? Int ?? 0,
                            code: row["response_code"] as? Int ?? -1))
                }
            }
        }
        return attempts
    }

    private static func deadLetters(_ fixture: LedgerFixture) throws -> Int {
        let connection = RedisConnection(
            endpoint: try RedisEndpoint(parsing: fixture.redisURL), commandTimeout: .seconds(30))
        return try DeliveryQueue(connection: connection).statistics().dead
    }
}
