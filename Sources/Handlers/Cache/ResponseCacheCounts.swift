/// What the cache of answers has done since the process started, and what it holds now.
package struct ResponseCacheCounts: Hashable, Sendable {
    /// Requests answered from memory.
    package var hits = 0
    /// Requests that had to read their lists.
    package var misses = 0
    /// Answers dropped because a list they were made of has changed, or because nobody knows whether one has: all that
    /// were held when the database was emptied or the connection that tells of changes was lost.
    package var invalidations = 0
    /// Answers dropped to make room for newer ones.
    package var evictions = 0
    /// Answers held now.
    package var entries = 0
    /// Memory of the answers held now, in bytes.
    package var bytes = 0
    /// Whether Redis tells of changes at the moment; nothing is answered from memory otherwise.
    package var isTracking = false

    package init() {}
}
