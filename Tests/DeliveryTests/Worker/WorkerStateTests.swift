import Model
import Queue
import Redis
import System
import TestSupport
import Testing

@testable import Delivery

/// The state that the worker's threads share.
@Suite
struct WorkerStateTests {
    private let start = MonotonicTime(microseconds: 5_000_000)

    @Test func anOutageIsReportedOnceForAllLoopsAndItsEndOnceTheLastHasRecovered() {
        var outages = OutageLog()
        func note(
            _ resource: OutageLog.Resource, _ loop: OutageLog.Loop, isFailing: Bool, gives expected: OutageLog.Change?,
            _ location: SourceLocation = #_sourceLocation
        ) {
            let change = outages.note(resource, loop, isFailing: isFailing)
            #expect(change == expected, sourceLocation: location)
        }

        note(.redis, .receiving, isFailing: false, gives: nil)
        note(.redis, .receiving, isFailing: true, gives: .began)
        note(.redis, .receiving, isFailing: true, gives: nil)
        note(.redis, .recording, isFailing: true, gives: nil)
        note(.directory, .receiving, isFailing: true, gives: .began)
        note(.redis, .receiving, isFailing: false, gives: nil)
        note(.redis, .housekeeping, isFailing: false, gives: nil)
        note(.redis, .recording, isFailing: false, gives: .ended)
        note(.redis, .recording, isFailing: false, gives: nil)
        note(.directory, .receiving, isFailing: false, gives: .ended)
    }

    @Test(arguments: [
        (SettlementOutcome.notSettled(.unreachable(server: "s", reason: "r")), SettlementProgress.Result.leaseLost),
        (.notSettled(.refused(key: "k", message: "NOPERM")), .leaseLost),
        (.unknown(.timedOut(server: "s", milliseconds: 1)), .settled),
        (.unknown(.connectionLost(server: "s", reason: "r")), .settled),
    ])
    func aLostLeaseMeansSettledOnlyAfterATryOfUnknownOutcome(
        first: SettlementOutcome, result: SettlementProgress.Result
    ) {
        var progress = SettlementProgress(count: 3)

        let error = progress.note([.settled, first, .leaseLost])
        let remaining = progress.remaining
        let before = progress.results
        let errorAgain = progress.note([.leaseLost])

        #expect(error == first.error)
        #expect(remaining == [1])
        #expect(before == [.settled, .open, .leaseLost])
        #expect(errorAgain == nil)
        #expect(progress.results == [.settled, result, .leaseLost])
    }

    @Test func eachPauseReportsItsFirstRefusalOnly() {
        let pause = SendingPause()
        let refusal = RedisError.refused(key: nil, message: "NOPERM no")
        let lost = RedisError.unreachable(server: "s", reason: "r")

        #expect(!pause.begin(lost))
        #expect(pause.begin(refusal))
        #expect(!pause.begin(lost))
        #expect(!pause.begin(refusal))
        #expect(pause.error == refusal)
        #expect(!pause.waitForEnd(upTo: .zero))
        #expect(pause.end())
        #expect(!pause.end())
        #expect(pause.waitForEnd(upTo: .zero))
        #expect(!pause.begin(lost))
        #expect(!pause.end())
        #expect(pause.begin(refusal))
    }

    @Test(arguments: [
        ("NOPERM this user has no permissions", "docs/operations.md"), ("OOM command not allowed", "maxmemory"),
        ("ERR Error running script: -MISCONF Redis is configured", "disk"), ("READONLY You can't write", "primary"),
    ])
    func theRemedyFollowsFromRedisWords(message: String, word: String) {
        #expect(RedisError.refused(key: nil, message: message).remedy.contains(word))
    }

    @Test func theBackoffDoublesUpToItsLimitAndIsReset() {
        var backoff = Backoff(shortest: .milliseconds(50), longest: .milliseconds(300))

        let pauses = (0..<5).map { _ in backoff.next() }
        backoff.reset()

        #expect(pauses == [50, 100, 200, 300, 300].map { .milliseconds($0) })
        let first = backoff.next()
        #expect(first == .milliseconds(50))
    }

    @Test func periodicWorkIsDueAfterItsInterval() {
        var timer = IntervalTimer(every: .seconds(1), now: start)
        let later = start.adding(.seconds(1))

        let waits = [timer.remaining(start), timer.remaining(later)]
        let taken = [timer.take(start), timer.take(later), timer.take(later)]
        timer.isOverdue = true
        let overdueWait = timer.remaining(later)
        let isTakenAgain = timer.take(later)

        #expect(waits == [.seconds(1), .zero])
        #expect(taken == [false, true, false])
        #expect(overdueWait == .zero)
        #expect(isTakenAgain)
        #expect(!timer.isOverdue)
    }

    @Test func handlesAreReusedAndTheBytesAddUp() throws {
        let deliveries = try handOut(3)
        var table = InFlightTable()

        let handles = deliveries.map { table.add($0, now: start) }
        table.remove(handles[1])
        table.remove(handles[1])
        let again = table.add(deliveries[1], now: start)

        #expect(handles == [0, 1, 2])
        #expect(again == 1)
        #expect(table.count == 3)
        #expect(table.byteCount == 30)
        #expect(table.delivery(2) == deliveries[2])
        handles.forEach { table.remove($0) }
        #expect(table.count == 0)
        #expect(table.byteCount == 0)
    }

    @Test func anEntryDeliveredAgainKeepsItsHandleAndGetsTheNewLease() throws {
        let server = try RedisServer()
        let first = try handOut(1, server)[0]
        var table = InFlightTable()
        let handle = table.add(first, now: start)
        let queue = DeliveryQueue(connection: try server.workerConnection())
        let second = try #require(try queue.claim(consumer: "me", idleLongerThan: .zero, count: 1).first)

        let isAdopted = table.adopt(second, now: start)

        #expect(isAdopted)
        #expect(table.count == 1)
        #expect(table.delivery(handle) == second)
        #expect(queue.settle([.acknowledge(first), .acknowledge(second)]) == [.leaseLost, .settled])
        table.remove(handle)
        let isAdoptedAgain = table.adopt(second, now: start)
        #expect(!isAdoptedAgain)
    }

    @Test func aLostLeaseIsThatOfItsDeliveryAndNotOfTheNextOneUnderTheHandle() throws {
        let deliveries = try handOut(2)
        var table = InFlightTable()
        let handle = table.add(deliveries[0], now: start)
        let later = start.adding(.seconds(1))

        let leases = [table.lease(handle, renewedBefore: start), table.lease(handle, renewedBefore: later)]
        table.markLost(handle, deliveries[0])
        table.markRenewed([handle], now: later)
        let lost = table.lease(handle, renewedBefore: start)
        table.remove(handle)
        _ = table.add(deliveries[1], now: start)
        table.markLost(handle, deliveries[0])

        #expect(leases == [.held, .doubtful])
        #expect(lost == .lost)
        #expect(table.lease(handle, renewedBefore: start) == .held)
    }

    @Test func leasesThatAreOldAreRenewedOnce() throws {
        let deliveries = try handOut(3)
        var table = InFlightTable()
        for (index, delivery) in deliveries.enumerated() {
            _ = table.add(delivery, now: start.adding(.seconds(index)))
        }
        let moment = start.adding(.seconds(2))

        let due = table.renewable(before: moment, limit: 9)
        let limited = table.renewable(before: moment, limit: 1)
        table.markRenewed(due.map(\.handle), now: moment)

        #expect(due.map(\.delivery) == Array(deliveries[..<2]))
        #expect(limited.count == 1)
        #expect(table.renewable(before: moment, limit: 9).isEmpty)
    }

    @Test func theCompletionQueueReturnsWhatItHoldsAndEndsOnceItIsEmpty() throws {
        let completions = CompletionQueue()
        for (handle, delivery) in try handOut(5).enumerated() {
            completions.add(Completion(handle: handle, delivery: delivery, outcome: .refused(reason: "")))
        }

        let first = completions.take(limit: 3, delay: .seconds(60))
        completions.close()
        let second = completions.take(limit: 3, delay: .seconds(60))

        #expect(first?.map(\.handle) == [0, 1, 2])
        #expect(second?.map(\.handle) == [3, 4])
        #expect(completions.take(limit: 3, delay: .seconds(60)) == nil)
    }

    /// Deliveries of ten bytes each.
    private func handOut(_ count: Int, _ server: RedisServer? = nil) throws -> [QueueDelivery] {
        let server = try server ?? RedisServer()
        let queue = DeliveryQueue(connection: try server.workerConnection())
        for number in 1...count {
            let id = String(repeating: "0", count: 31) + String(number)
            let entry = QueueEntry(
                id: id, appID: 1, event: "issue.created", enqueuedAt: .now(),
                payload: Array(repeating: 0x78, count: 10))
            try #require(try queue.enqueue(entry) == .accepted(id))
        }
        return try queue.receive(consumer: "me", count: count)
    }
}
