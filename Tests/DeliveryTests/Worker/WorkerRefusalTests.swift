import Delivery
import Queue
import TestSupport
import Testing

/// While Redis refuses to record or settle, nothing is sent; afterwards everything is settled and nothing sent twice.
@Suite
struct WorkerRefusalTests {
    private static let pause = "sending paused: outcomes cannot be recorded"

    private func acl(_ fixture: WorkerFixture, _ rule: String) throws {
        #expect(try fixture.server.command("ACL", "SETUSER", "default", rule).hasPrefix("+OK"))
    }

    private func sentIDs(_ fixture: WorkerFixture) -> [String] {
        fixture.receiver.received.compactMap { $0.header("Request-ID") }
    }

    /// Waits until the receiving and the housekeeping thread have had several turns.
    private func waitForTurns(_ worker: DeliveryWorker) throws {
        let before = worker.heartbeat
        try waitUntil("the threads go on", seconds: 30) { worker.heartbeat >= before + 4 }
    }

    @Test(arguments: ["xack", "xdel", "lpush", "ltrim", "expire"])
    func sendingPausesWhileACommandIsRefused(command: String) throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1)
        try acl(fixture, "-" + command)
        let worker = try fixture.worker()
        var ids = [try fixture.enqueue(app: 1)]
        try waitUntil("the refusal is logged") { fixture.log.count(Self.pause) == 1 }

        for _ in 0..<20 { ids.append(try fixture.enqueue(app: 1)) }
        try waitForTurns(worker)

        #expect(sentIDs(fixture) == [ids[0]])
        let reason = try #require(worker.pauseReason)
        #expect(reason.hasPrefix("Redis refused a command"))
        // Redis' words are others when a script calls the command.
        #expect(["NOPERM", "can't run this command"].contains { reason.contains($0) }, "\(reason)")
        try acl(fixture, "+" + command)
        try fixture.waitUntilEmpty()
        #expect(sentIDs(fixture).sorted() == ids.sorted())
        #expect(try fixture.column("request_id", app: 1).sorted() == ids.sorted())
        try waitUntil("sending goes on") { worker.pauseReason == nil && fixture.log.count("sending resumed") == 1 }
        #expect(fixture.log.count(Self.pause) == 1)
        #expect(fixture.log.count("delivery interrupted") == 0)
        #expect(fixture.log.count("lease was lost: another worker delivers the event") == 0)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func whatWaitsInTheWorkerIsNotSentEither() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/hold")
        fixture.addApp(2)
        let worker = try fixture.worker { $0.sender.perAppLimit = 1 }
        for _ in 0..<3 { try fixture.enqueue(app: 1) }
        try waitUntil("one is running, two wait") { worker.senderLoad == (running: 1, waiting: 2) }
        try acl(fixture, "-xack")
        try fixture.enqueue(app: 2)
        try waitUntil("the refusal is logged") { fixture.log.count(Self.pause) == 1 }

        fixture.receiver.release()
        try waitUntil("the running one has ended") { worker.senderLoad.running == 0 }
        try waitForTurns(worker)

        #expect(worker.senderLoad == (running: 0, waiting: 2))
        #expect(fixture.receiver.received.count == 2)
        try acl(fixture, "+xack")
        try fixture.waitUntilEmpty()
        #expect(fixture.receiver.received.count == 4)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func aWorkerThatStopsWhileItIsRefusedSaysWhatIsUnsettled() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1)
        try acl(fixture, "-xack")
        let worker = try fixture.worker { $0.settlingTime = .milliseconds(100) }
        try fixture.enqueue(app: 1)
        try waitUntil("the refusal is logged") { fixture.log.count(Self.pause) == 1 }

        #expect(worker.stop(within: .zero).unsettled == 1)
        #expect(worker.counts.settled == 0)
    }
}
