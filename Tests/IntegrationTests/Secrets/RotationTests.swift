import Foundation
import TestSupport
import Testing

/// A client secret is rotated while webhooks are sent without a pause: a receiver that follows docs/secrets.md refuses
/// none.
@Suite struct RotationTests {
    typealias App = DeliveryFixture.App

    private let app = App(id: 1, path: "/judged/1")

    @Test(arguments: [UInt64(3), 7])
    func aReceiverOfSeveralSignaturesLearnsTheNewSecretAtARandomMomentAndRefusesNoWebhook(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let run = try RotationRun(app) { request, secrets in secrets.contains(where: request.isSigned(with:)) }
        try run.send(count: Int.random(in: 5...40, using: &random))

        let new = try run.rotate()
        try run.sendUntilAllBefore { $0.isSigned(with: new) }
        try run.send(count: Int.random(in: 0...100, using: &random))
        run.know([new])
        try run.send(count: 40)
        try run.finish()
        try run.sendUntilAllBefore { $0.standardSignatures.count == 1 }
        try run.send(count: 20)

        let received = try run.end()
        #expect(run.refused.isEmpty)
        #expect(received.first.map { $0.isSigned(with: run.old) && !$0.isSigned(with: new) } == true)
        #expect(received.contains { $0.isSigned(with: run.old) && $0.isSigned(with: new) })
        #expect(received.last.map { !$0.isSigned(with: run.old) && $0.isSigned(with: new) } == true)
    }

    @Test func aReceiverOfOneSignatureThatSwitchesWhenTheRotationIsFinishedRefusesNoWebhook() throws {
        let run = try RotationRun(app) { request, secrets in
            secrets.contains(where: request.isSignedAsByTheOriginal(with:))
        }
        try run.send(count: 20)

        let new = try run.rotate()
        // Workers know the new secret: the header is still made with the old one.
        try run.sendUntilAllBefore { $0.isSigned(with: new) }
        try run.send(count: 40)
        run.know([run.old, new])
        try run.finish()
        try run.sendUntilAllBefore { $0.isSignedAsByTheOriginal(with: new) }
        run.know([new])
        try run.send(count: 60)

        let received = try run.end()
        #expect(run.refused.isEmpty)
        #expect(received.contains { $0.isSignedAsByTheOriginal(with: run.old) && $0.isSigned(with: new) })
        #expect(received.last.map { $0.isSignedAsByTheOriginal(with: new) } == true)
    }

    @Test func aReceiverThatKnowsAnotherSecretRefusesEveryWebhook() throws {
        let run = try RotationRun(app) { request, secrets in secrets.contains(where: request.isSigned(with:)) }
        run.know(["another secret"])

        try run.send(count: 3)

        #expect(try run.end().count == 3 && run.refused.count == 3)
    }
}

/// Events to one app whose receiver checks signatures, and rotations of its secret in the middle of them.
final class RotationRun {
    let old = DeliveryFixture.secret
    private let app: DeliveryFixture.App
    private let fixture: DeliveryFixture
    private let checks: ReceiverChecks
    private var sent: [String] = []

    /// Far more than a run needs: one that waits for what does not come ends.
    private static let maximumEvents = 3000

    /// - Parameter accepts: whether a receiver that knows these secrets accepts a webhook.
    init(
        _ app: DeliveryFixture.App,
        accepts: @escaping @Sendable (WebhookReceiver.Received, _ secrets: [String]) -> Bool
    ) throws {
        self.app = app
        // A slow machine is no reason to send a webhook twice.
        fixture = try DeliveryFixture([app], settings: ["HOOKLINE_WEBHOOK_TIMEOUT_MS": "30000"])
        let checks = ReceiverChecks(secrets: [DeliveryFixture.secret], accepts: accepts)
        self.checks = checks
        fixture.receiver.answer { checks.status(of: $0) }
    }

    /// The ids of the webhooks that the receiver refused.
    var refused: [String] { checks.refused }

    /// The secrets that the receiver knows from now on.
    func know(_ secrets: [String]) { checks.know(secrets) }

    func send(count: Int) throws {
        for _ in 0..<count { try send() }
    }

    /// Makes a new secret while events are sent; returns it.
    func rotate() throws -> String {
        let output = try sendDuring("app", "rotate-secret", app.slug, "--json")
        guard let secret = try GoldenValue(parsing: output)["client_secret"].string else {
            throw TestSupportError("no secret: \(output)")
        }
        return secret
    }

    /// Ends the overlap while events are sent.
    func finish() throws {
        _ = try sendDuring("app", "rotate-secret", app.slug, "--finish")
    }

    /// Sends until the worker has noticed a change, and what was sent before has come, too: afterwards nothing is on
    /// its way that the worker made before it knew.
    func sendUntilAllBefore(_ hasNoticed: (WebhookReceiver.Received) -> Bool) throws {
        let start = fixture.receiver.received.count
        try waitUntil("the worker notices\n\(fixture.workerLog)", seconds: 60) {
            try send()
            return fixture.receiver.received.dropFirst(start).contains(where: hasNoticed)
        }
        let before = Set(sent)
        try waitUntil("all before have come\n\(fixture.workerLog)", seconds: 60) {
            try send()
            return before.isSubset(of: fixture.receiver.received.compactMap { $0.header("Request-ID") })
        }
    }

    /// Waits until everything is delivered.
    ///
    /// - Returns: each webhook, once, in the order of arrival.
    func end() throws -> [WebhookReceiver.Received] {
        try fixture.settle(seconds: 60)
        let received = fixture.receiver.received
        guard received.compactMap({ $0.header("Request-ID") }).sorted() == sent.sorted() else {
            throw TestSupportError("sent \(sent.count), received \(received.count)\n\(fixture.workerLog)")
        }
        return received
    }

    private func send() throws {
        guard sent.count < Self.maximumEvents else { throw TestSupportError("\(sent.count) events and no end") }
        sent.append(try fixture.send(app, "issue.created"))
    }

    private func sendDuring(_ arguments: String...) throws -> String {
        let command = try fixture.start(arguments)
        repeat { try send() } while command.isRunning
        guard command.exitStatus == .exited(0) else { throw TestSupportError(command.standardError) }
        return command.standardOutput
    }
}

/// What a receiver knows and what it has refused, shared with its threads.
private final class ReceiverChecks: @unchecked Sendable {
    private let lock = NSLock()
    private let accepts: @Sendable (WebhookReceiver.Received, [String]) -> Bool
    private var secrets: [String]
    private var refusals: [String] = []

    init(secrets: [String], accepts: @escaping @Sendable (WebhookReceiver.Received, [String]) -> Bool) {
        self.secrets = secrets
        self.accepts = accepts
    }

    var refused: [String] { lock.withLock { refusals } }

    func know(_ secrets: [String]) { lock.withLock { self.secrets = secrets } }

    /// 401 for what is refused.
    func status(of request: WebhookReceiver.Received) -> Int {
        lock.withLock {
            if accepts(request, secrets) { return 200 }
            refusals.append(request.header("Request-ID") ?? "")
            return 401
        }
    }
}
