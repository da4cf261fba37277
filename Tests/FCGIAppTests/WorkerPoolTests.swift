import Glibc
import System
import TestSupport
import Testing

@testable import FCGIApp

/// Which threads are active.
@Suite
struct WorkerPoolTests {
    private let pool = WorkerPool(processorCount: 2)

    @Test func theLastActiveThreadWaitsForEventsAndItsAnnouncedWaitActivatesAParkedOne() throws {
        try expectActivation { member in
            ThreadWait.withObserver(member) { ThreadWait.announce {} }
        }
    }

    @Test func aThreadThatEndsActivatesAParkedOne() throws {
        try expectActivation { $0.leave() }
    }

    @Test func aThreadThatMakesNoProgressWithARequestIsReplaced() throws {
        try expectActivation { member in
            member.beginRequest()
            pool.relieve()
            pool.relieve()
            member.endRequest()
        }
    }

    @Test func aBacklogActivatesAnotherThread() throws {
        try expectActivation { $0.callAnother() }
    }

    @Test func aThreadThatBeginsAWaitWakesTheActiveOneThatWaitsForEvents() {
        let wakes = Counter()
        let pool = WorkerPool(processorCount: 2) { wakes.increment() }
        let members = [pool.makeMember(), pool.makeMember()]

        members[0].willWait()

        #expect(wakes.value == 1)
        #expect(members[1].mayWait())
        members[0].didWait()
    }

    @Test func aThreadThatWasReplacedAtTheEndOfItsRequestIsParked() throws {
        let members = [pool.makeMember(), pool.makeMember()]
        members[0].beginRequest()
        pool.relieve()
        pool.relieve()

        try runThreads(count: 2) { number in
            if number == 0 {
                #expect(!members[0].mayWait(), "two threads wait for events")
            } else {
                #expect(throws: Never.self) { try waitUntil("it is parked") { pool.parkedCount == 1 } }
                members[1].leave()
            }
        }
    }

    @Test func shutDownLeavesNoThreadParked() throws {
        try expectActivation { _ in pool.shutDown() }
    }

    @Test func aBacklogActivatesNoMoreThreadsThanThereAreProcessors() throws {
        let pool = WorkerPool(processorCount: 1)
        let members = [pool.makeMember(), pool.makeMember()]
        try runThreads(count: 2) { number in
            // The parked thread, at the shutdown; were it activated before, the other one would be parked here.
            guard members[number].mayWait() else { return members[number].leave() }
            members[number].callAnother()
            #expect(members[number].mayWait(), "it is not the only active one any more")
            pool.shutDown()
        }
    }

    /// Of two threads one is parked. What the other one does activates it.
    private func expectActivation(by action: @escaping @Sendable (WorkerPool.Member) -> Void) throws {
        let outcomes = Lock<[Bool]>([])
        let members = [pool.makeMember(), pool.makeMember()]
        try runThreads(count: 2) { number in
            let isWaiter = members[number].mayWait()
            if isWaiter { action(members[number]) }
            outcomes.withLock { $0.append(isWaiter) }
        }
        #expect(Set(outcomes.withLock { $0 }) == [true, false])
    }
}

/// What has arrived on a connection.
@Suite
struct ConnectionInputTests {
    private static let request =
        FastCGIClient.beginning()
        + FastCGIClient.stream(
            .parameters, FastCGIClient.encoded(FastCGIClient.parameters("GET", "/-/ping")))
        + FastCGIClient.stream(.standardInput, [])

    @Test(arguments: [
        (0, Connection.Input.nothing), (7, .part), (20, .part), (request.count - 8, .part), (request.count - 1, .part),
    ])
    func aRequestIsNotWholeBeforeItsEnd(count: Int, input: Connection.Input) throws {
        #expect(try Self.input(after: Array(Self.request.prefix(count))) == input)
    }

    @Test(arguments: [0, 3000, 60_000])
    func aRequestIsWholeAtItsEndUnlessItIsTooLong(bodyCount: Int) throws {
        let request =
            Self.request.dropLast(8) + FastCGIClient.stream(.standardInput, [UInt8](repeating: 1, count: bodyCount))
        let input = try Self.input(after: Array(request))
        #expect(input == (bodyCount < 16 << 10 ? .whole(.init(bodyBytes: bodyCount, byteCount: request.count)) : .part))
    }

    /// What a look at the last bytes would take for the end.
    @Test func aRequestWhoseBodyLooksLikeItsEndIsNotWhole() throws {
        let end = FastCGIClient.record(.standardInput, [])
        let request = Self.request.dropLast(8) + FastCGIClient.record(.standardInput, end + [0]).dropLast()
        #expect(try Self.input(after: Array(request)) == .part)
    }

    @Test func aConnectionThatThePeerHasClosedHasEnded() throws {
        #expect(try Self.input(after: [], closes: true) == .ended)
    }

    private static func input(after bytes: [UInt8], closes: Bool = false) throws -> Connection.Input {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        try #require(write(ends[1], bytes, bytes.count) == bytes.count)
        if closes { shutdown(ends[1], Int32(SHUT_WR)) }
        return Connection(descriptor: ends[0]).input
    }
}
