import Queue
import Redis

/// What is known of the items of one batch while they are settled, in several tries if necessary. Pure.
struct SettlementProgress {
    /// What became of an item.
    enum Result: Hashable {
        case settled
        /// Another worker has the entry.
        case leaseLost
        /// Not decided yet.
        case open
    }

    /// In the order of the items.
    private(set) var results: [Result]
    /// Whether an earlier try may have settled the item without reporting it.
    private var mayBeSettled: [Bool]

    init(count: Int) {
        results = Array(repeating: .open, count: count)
        mayBeSettled = Array(repeating: false, count: count)
    }

    /// The positions of the items that are to be settled in the next try.
    var remaining: [Int] { results.indices.filter { results[$0] == .open } }

    /// Notes the outcomes of a try to settle the remaining items; returns why some of them have to be tried again.
    mutating func note(_ outcomes: [SettlementOutcome]) -> RedisError? {
        var error: RedisError?
        for (index, outcome) in zip(remaining, outcomes) {
            switch outcome {
            case .settled: results[index] = .settled
            // After a try of unknown outcome, a lost lease most likely means that it settled the item.
            case .leaseLost: results[index] = mayBeSettled[index] ? .settled : .leaseLost
            case .notSettled: break
            case .unknown: mayBeSettled[index] = true
            }
            error = error ?? outcome.error
        }
        return error
    }
}
