import Foundation
import Model
import System
import Testing

@Suite("A lock")
struct LockTests {
    @Test("lets one thread at a time change its value")
    func manyThreads() {
        let lock = Lock(0)

        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<10_000 { lock.withLock { $0 += 1 } }
        }

        #expect(lock.withLock { $0 } == 80_000)
    }

    @Test("is free again after an error")
    func error() {
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
