package import Model

/// What a queue holds at one moment, for metrics.
package struct QueueStatistics: Hashable, Sendable {
    /// To be delivered now, not yet handed out.
    package var waiting = 0
    /// Handed out and not settled.
    package var pending = 0
    /// To be delivered later.
    package var scheduled = 0
    /// Kept among the dead letters.
    package var dead = 0
    /// Dead letters that had to make way because there were too many.
    package var discarded = 0
    /// Since when the entry that comes first could have been delivered; nil when none waits or is under way.
    package var oldestDueAt: Timestamp?
    /// When the next scheduled entry is due.
    package var nextDueAt: Timestamp?

    /// An empty queue.
    package init() {}

    /// What counts against the bound.
    package var depth: Int { waiting + pending + scheduled }

    /// How long the entry that comes first could have been delivered already, in microseconds; 0 when there is none.
    package func oldestAgeMicroseconds(at now: Timestamp) -> Int64 {
        oldestDueAt.map { max(0, now.microseconds - $0.microseconds) } ?? 0
    }
}
