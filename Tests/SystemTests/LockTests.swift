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
