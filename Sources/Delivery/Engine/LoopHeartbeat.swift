import Synchronization

/// How often the threads that never rest for long have come round: shows that none of them is stuck.
final class LoopHeartbeat: Sendable {
    private let receiving = Atomic(0)
    private let housekeeping = Atomic(0)

    func addReceiving() {
        receiving.add(1, ordering: .relaxed)
    }

    func addHousekeeping() {
        housekeeping.add(1, ordering: .relaxed)
    }

    /// Of the slower one.
    var least: Int { min(receiving.load(ordering: .relaxed), housekeeping.load(ordering: .relaxed)) }
}
