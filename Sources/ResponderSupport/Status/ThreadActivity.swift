import Synchronization

/// How many threads are busy, and how many there have been at most.
final class ThreadActivity: Sendable {
    private let active = Atomic(0)
    private let maximum = Atomic(0)
    private let exhaustions = Atomic<Int64>(0)
    /// Nil = the number of threads is not limited by this process.
    private let threadCount: Int?

    init(threadCount: Int?) {
        self.threadCount = threadCount
    }

    func begin() {
        let count = active.add(1, ordering: .relaxed).newValue
        if count > maximum.load(ordering: .relaxed) { maximum.max(count, ordering: .relaxed) }
        // With a single thread every request takes the last one, which would not show a lack of threads.
        if count == threadCount, count > 1 { exhaustions.add(1, ordering: .relaxed) }
    }

    func end() {
        active.subtract(1, ordering: .relaxed)
    }

    /// The most threads that were busy at the same time.
    var maximumActive: Int { maximum.load(ordering: .relaxed) }

    /// How often the last idle thread of several was taken.
    var exhaustionCount: Int64 { exhaustions.load(ordering: .relaxed) }
}
