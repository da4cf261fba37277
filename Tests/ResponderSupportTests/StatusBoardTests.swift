import Buffer
import Handlers
import ProgramSupport
import Redis
import System
import Testing

@testable import ResponderSupport

/// The status board.
@Suite
struct StatusBoardTests {
    private func request(_ path: String) -> Request {
        Request(method: "GET", path: .encoded(path), query: "token=secret", body: [1, 2, 3], remoteUser: "claimed")
    }

    @Test func showsEachStepOfARequestAndTheLastRequestOfAThreadThatRests() throws {
        let board = StatusBoard(threadCount: 1, socket: nil)
        let slot = try #require(board.slots.first)
        func thread() throws -> ThreadStatus { try #require(board.status().threads.first) }
        slot.occupy()

        #expect(try thread().state == .idle)
        #expect(try thread().threadID > 0)
        slot.read(since: MonotonicTime(microseconds: MonotonicTime.now().microseconds - 5_000_000))
        #expect(try thread().state == .reading)
        #expect(try thread().requestCount == 0)
        slot.run(request("/a"))
        #expect(try thread().state == .running)
        #expect(try thread().requestMicroseconds >= 5_000_000)
        #expect(try (thread().method, thread().path, thread().user) == ("GET", "/a", "claimed"))
        #expect(try thread().contentLength == 3)
        slot.end(user: "found")
        #expect(try thread().state == .ending)
        slot.count(.sample(), isSlow: false, redis: RedisCounts())
        slot.becomeIdle()

        let last = try thread()
        #expect(last.state == .idle)
        #expect(last.requestMicroseconds == 12_050)
        #expect(last.lastPhases.redis == 12_000)
        #expect(last.user == "found")
        #expect(last.requestCount == 1)
    }

    @Test func addsUpWhatItsThreadsCount() throws {
        let board = StatusBoard(threadCount: 3, socket: nil)
        for (index, slot) in board.slots.enumerated() {
            slot.read(since: .now())
            slot.run(request("/a"))
            slot.count(
                .sample(response: Response(status: index == 0 ? 503 : 200, skippedElements: 2)), isSlow: index > 0,
                redis: RedisCounts())
            slot.becomeIdle()
        }

        let status = board.status()

        let refused = RouteLabel.refused
        #expect(status.requests.counts[.init(route: refused, method: .get, status: 200)] == 2)
        #expect(status.requests.counts[.init(route: refused, method: .get, status: 503)] == 1)
        #expect(status.requests.durations(of: refused).count == 3)
        #expect(status.requests.durations(of: refused).sumMicroseconds == 3 * 12_050)
        #expect(status.slowRequestCount == 2)
        #expect(status.skippedElementCount == 6)
        #expect(status.threads.map(\.requestCount) == [1, 1, 1])
    }

    @Test func remembersTheMostThreadsThatWereBusyAndHowOftenNoneWasLeft() {
        let activity = ThreadActivity(threadCount: 2)

        activity.begin()
        activity.end()
        #expect(activity.maximumActive == 1)
        #expect(activity.exhaustionCount == 0)
        activity.begin()
        activity.begin()
        activity.end()
        activity.begin()

        #expect(activity.maximumActive == 2)
        #expect(activity.exhaustionCount == 2)
    }

    @Test func doesNotCallTheOnlyThreadTheLastOneEachTimeItIsTaken() {
        let activity = ThreadActivity(threadCount: 1)

        activity.begin()

        #expect(activity.maximumActive == 1)
        #expect(activity.exhaustionCount == 0)
    }

    @Test func knowsTheMemoryOfTheProcessAndLeavesOutWhatItCannotRead() throws {
        let memory = try #require(ProcessMemory.now())

        #expect(memory.resident > 1 << 20)
        #expect(memory.peak >= memory.resident)
        #expect(
            ProcessMemory.read("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1024 kB\n")
                == .init(resident: 1 << 20, peak: 2 << 20))
        for text in ["", "VmRSS:\t 1024 kB\n", "VmHWM: x kB\nVmRSS: 1 kB\n", "VmHWM: 1 MB\nVmRSS: 1 kB\n"] {
            #expect(ProcessMemory.read(text) == nil)
        }
    }
}
