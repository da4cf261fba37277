import Foundation

/// Polls until `condition` is true; throws after `seconds`.
package func waitUntil(
    _ what: String, seconds: Double = 10, _ condition: () throws -> Bool
) throws {
    let deadline = Date().addingTimeInterval(seconds)
    while try !condition() {
        guard Date() < deadline else { throw TestSupportError("timeout after \(seconds) s: \(what)") }
        usleep(5000)
    }
}

/// Runs `work` on `count` threads at the same time and waits until all have ended.
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
