import Foundation
import Model
import System
import Testing

/// A lock.
@Suite
struct LockTests {
    @Test func letsOneThreadAtATimeChangeItsValue() {
        let lock = Lock(0)

        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<10_000 { lock.withLock { $0 += 1 } }
        }

        #expect(lock.withLock { $0 } == 80_000)
    }

    @Test func isFreeAgainAfterAnError() {
        struct Failure: Error {}
        let lock = Lock(1)

        #expect(throws: Failure.self) {
            try lock.withLock { value in
                value = 2
                throw Failure()
            }
        }

        #expect(lock.withLock { $0 } == 2)
    }
}

/// Threads.
@Suite
struct PosixThreadTests {
    @Test func joinWaitsForTheEndOfTheThread() throws {
        let hasRun = Lock(false)

        let thread = try PosixThread { hasRun.withLock { $0 = true } }
        thread.join()

        #expect(hasRun.withLock { $0 })
    }

    @Test func onRequestSignalsAreBlockedButThoseOfFaults() throws {
        let mask = Self.blockedSignals()
        let inherited = Lock<[Int32]>([])
        let blocked = Lock<[Int32]>([])

        try PosixThread { inherited.withLock { $0 = Self.blockedSignals() } }.join()
        try PosixThread(blocksSignals: true) { blocked.withLock { $0 = Self.blockedSignals() } }.join()

        #expect(inherited.withLock { $0 } == mask)
        #expect(blocked.withLock { $0 } == [SIGTERM, SIGHUP, SIGPIPE])
        #expect(Self.blockedSignals() == mask)
    }

    private static func blockedSignals() -> [Int32] {
        var mask = sigset_t()
        pthread_sigmask(SIG_SETMASK, nil, &mask)
        return [SIGTERM, SIGHUP, SIGPIPE, SIGSEGV, SIGABRT].filter { sigismember(&mask, $0) == 1 }
    }

    @Test func aFlagWakesADetachedThreadAndIsNeverCleared() throws {
        let (flag, hasEnded) = (ThreadFlag(), ThreadFlag())
        let deadline = MonotonicTime.now().adding(seconds: 60)

        try PosixThread.start {
            if flag.wait(until: deadline) { hasEnded.set() }
        }
        #expect(!hasEnded.isSet)
        flag.set()

        #expect(hasEnded.wait(until: deadline))
        #expect(flag.isSet && flag.wait(until: .now()))
        #expect(!ThreadFlag().wait(until: MonotonicTime.now().adding(.milliseconds(1))))
    }
}

/// Announced waits.
@Suite
struct ThreadWaitTests {
    private final class Recorder: ThreadWaitObserver {
        var calls: [String] = []

        func willWait() { calls.append("will") }
        func didWait() { calls.append("did") }
    }

    @Test func aWaitIsAnnouncedOnceAndTheNextOneAgain() {
        let recorder = Recorder()
        ThreadWait.withObserver(recorder) {
            ThreadWait.announce { ThreadWait.announce {} }
            #expect(recorder.calls == ["will", "did"])
            ThreadWait.announce {}
        }
        ThreadWait.announce {}
        #expect(recorder.calls == ["will", "did", "will", "did"])
    }

    @Test func aWaitThatWillProbablyBeShortIsNotAnnounced() {
        let recorder = Recorder()
        ThreadWait.withObserver(recorder) { ThreadWait.announce(expected: ThreadWait.shortest - 1) {} }
        #expect(recorder.calls.isEmpty)
    }

    @Test func aWaitThatFailsIsOverToo() {
        struct Failure: Error {}
        let recorder = Recorder()
        #expect(throws: Failure.self) {
            try ThreadWait.withObserver(recorder) { try ThreadWait.announce { throw Failure() } }
        }
        #expect(recorder.calls == ["will", "did"])
    }
}
