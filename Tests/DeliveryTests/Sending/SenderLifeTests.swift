import Delivery
import Foundation
import Model
import System
import TestSupport
import Testing

struct SenderLifeTests {
    /// One app's requests all hang; another's go through while they do.
    @Test func aSlowAppDoesNotHoldUpAnother() throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture(timeout: .seconds(60)) {
            $0.totalLimit = 8
            $0.perAppLimit = 4
        }
        let slow = ResultCollector()
        for _ in 0..<50 {
            let webhook = fixture.webhook(receiver.url("/hold"), app: 1)
            try fixture.sender.submit(webhook) { slow.add($0) }
        }
        try waitUntil("the slow app's share is running") { receiver.received("/hold").count == 4 }

        for _ in 0..<200 {
            #expect(try fixture.send(receiver.url("/status/200"), app: 2).status == 200)
        }

        #expect(receiver.received("/hold").count == 4)
        #expect(slow.all.isEmpty)
        #expect(fixture.sender.load(app: 1) == (running: 4, waiting: 46))
        receiver.release()
        try waitUntil("the slow app's requests end", seconds: 30) { slow.all.count == 50 }
        #expect(slow.all.allSatisfy { $0.status == 200 })
    }

    @Test func aFullSenderRefusesAndKeepsWhatItHas() throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture {
            $0.totalLimit = 1
            $0.waitingLimit = 2
        }
        let results = ResultCollector()
        let webhook = fixture.webhook(receiver.url("/hold"), app: 1)
        for _ in 0..<3 { try fixture.sender.submit(webhook) { results.add($0) } }

        #expect(throws: SenderError.full(waitingLimit: 2)) { try fixture.sender.submit(webhook) { results.add($0) } }

        receiver.release()
        try waitUntil("three end") { results.all.count == 3 }
        #expect(receiver.received.count == 3)
    }

    @Test func stoppingLetsRunningRequestsFinish() throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture { $0.perAppLimit = 2 }
        let results = ResultCollector()
        let webhook = fixture.webhook(receiver.url("/hold"), app: 1)
        for _ in 0..<5 { try fixture.sender.submit(webhook) { results.add($0) } }
        try waitUntil("two are running") { receiver.received.count == 2 }

        let stopped = ResultCollector()
        Thread.detachNewThread {
            fixture.sender.stop(within: .seconds(30))
            stopped.add(SendResult(outcome: .failed(.internal, detail: ""), durationMilliseconds: 0))
        }
        try waitUntil("those that waited are given back") { results.all.count == 3 }
        #expect(throws: SenderError.stopped) { try fixture.sender.submit(webhook) { _ in } }
        #expect(stopped.all.isEmpty)
        receiver.release()
        try waitUntil("the sender stops") { !stopped.all.isEmpty }

        #expect(results.all.filter { $0.failure == .cancelled }.count == 3)
        #expect(results.all.filter { $0.status == 200 }.count == 2)
        #expect(receiver.received.count == 2)
    }

    @Test func stoppingCancelsRequestsThatDoNotEndInTime() throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture(timeout: .seconds(600))
        let results = ResultCollector()
        let webhook = fixture.webhook(receiver.url("/hang"), app: 1)
        for _ in 0..<3 { try fixture.sender.submit(webhook) { results.add($0) } }
        try waitUntil("three are running") { receiver.received.count == 3 }

        fixture.sender.stop(within: .milliseconds(50))

        #expect(results.all.map(\.failure) == [.cancelled, .cancelled, .cancelled])
        fixture.sender.stop(within: .zero)
    }

    /// At any moment: each accepted request completes once.
    @Test(arguments: [0, 1, 10, 100, 400])
    func stoppingUnderLoadLosesNoRequest(_ receivedCount: Int) throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture {
            $0.threadCount = 2
            $0.totalLimit = 8
        }
        let results = ResultCollector()
        let taken = Lock((count: 0, ended: 0))
        for thread in 0..<3 {
            Thread.detachNewThread {
                for number in 0..<500 {
                    let webhook = fixture.webhook(receiver.url("/"), app: Int64(thread + number % 5))
                    if (try? fixture.sender.submit(webhook) { results.add($0) }) != nil {
                        taken.withLock { $0.count += 1 }
                    }
                }
                taken.withLock { $0.ended += 1 }
            }
        }

        try waitUntil("\(receivedCount) have arrived", seconds: 60) { receiver.received.count >= receivedCount }
        fixture.sender.stop(within: receivedCount % 100 == 0 ? .zero : .seconds(20))

        try waitUntil("the threads end") { taken.withLock { $0.ended } == 3 }
        #expect(results.all.count == taken.withLock { $0.count })
        #expect(results.all.allSatisfy { $0.status == 200 || $0.failure == .cancelled })
    }

    /// Submitted from several threads to a sender of several: each completion is called once.
    @Test(arguments: [1, 3])
    func everyRequestEndsOnce(_ threadCount: Int) throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture {
            $0.threadCount = threadCount
            $0.totalLimit = 32
        }
        let results = ResultCollector()

        for thread in 0..<4 {
            Thread.detachNewThread {
                for number in 0..<250 {
                    let webhook = fixture.webhook(receiver.url("/\(thread)-\(number)"), app: Int64(number % 7))
                    try? fixture.sender.submit(webhook) { results.add($0) }
                }
            }
        }
        try waitUntil("a thousand end", seconds: 60) { results.all.count == 1000 }

        #expect(results.all.allSatisfy { $0.status == 200 })
        #expect(Set(receiver.received.map(\.path)).count == 1000)
        #expect(fixture.sender.load == (running: 0, waiting: 0))
    }

    /// Thousands of requests of every kind leave no descriptor behind and no memory that grows with their number.
    @Test func nothingLeaksOverThousandsOfRequests() throws {
        let receiver = try WebhookReceiver()
        let refused = try freePort()
        let urls =
            ["/status/200", "/status/500", "/close", "/reset", "/size/70000", "/cut"].map { receiver.url($0) }
            + ["http://127.0.0.1:\(refused)/", "http://10.0.0.1/", "nonsense"]

        // Built with AddressSanitizer the program would hold on to what it frees.
        let environment = ProcessInfo.processInfo.environment.merging(["ASAN_OPTIONS": "quarantine_size_mb=0"]) { $1 }
        let (status, output, error) = try ChildProcess.run(
            [try BuiltProducts.testProgram("DeliveryProbe"), "growth", "127.0.0.1", "30000"] + urls,
            environment: environment, seconds: 120)

        #expect(status == .exited(0), "\(error)")
        let growth = output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        try #require(growth.count == 2, "\(output)")
        // 4500 requests of a kilobyte; what stays is the heap's fringe.
        #expect(growth[0] < 4 << 10, "\(growth[0]) kB")
        #expect(growth[1] < 16, "\(growth[1]) descriptors")
        try waitUntil("the connections are closed") { openConnections(to: receiver.port) == 0 }
    }

    /// Established connections to a port, by the kernel's own list.
    private func openConnections(to port: UInt16) -> Int {
        let table = (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)) ?? ""
        let peer = "0100007F:" + String(format: "%04X", port)
        return table.split(separator: "\n").filter { line in
            let columns = line.split(separator: " ")
            return columns.count > 3 && columns[2] == peer && (columns[3] == "01" || columns[3] == "08")
        }.count
    }
}

/// Collects results from the sender's threads.
private final class ResultCollector: Sendable {
    private let state = Lock<[SendResult]>([])

    var all: [SendResult] { state.withLock { $0 } }

    func add(_ result: SendResult) {
        state.withLock { $0.append(result) }
    }
}
