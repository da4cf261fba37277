import Foundation

/// Runs `work` on so many threads of their own, all at the same time, and waits until all have ended.
package func runThreads(count: Int, seconds: Double = 120, _ work: @escaping @Sendable (Int) -> Void) throws {
    let group = DispatchGroup()
    for number in 0..<count {
        group.enter()
        Thread {
            work(number)
            group.leave()
        }.start()
    }
    guard group.wait(timeout: .now() + seconds) == .success else {
        throw TestSupportError("threads have not ended after \(seconds) s")
    }
}
