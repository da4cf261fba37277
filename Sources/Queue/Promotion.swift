package import Model

/// What a look at the scheduled entries found.
package struct Promotion: Hashable, Sendable {
    /// Entries that were moved into the stream.
    package var count: Int
    /// When the next of those that are left is due; nil when none is left.
    package var nextDueAt: Timestamp?

    package init(count: Int, nextDueAt: Timestamp? = nil) {
        self.count = count
        self.nextDueAt = nextDueAt
    }
}
