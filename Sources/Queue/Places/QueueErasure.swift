/// A place where a queue can have an event that no worker is sending.
package enum ErasedPlace: String, Hashable, Sendable {
    case waiting
    case scheduled
    case deadLetter = "dead_letter"
    /// The note about an entry that was dropped.
    case dropped
}

/// What a queue has of an event, or what was removed of it.
package enum QueueErasure: Hashable, Sendable {
    /// The places, none = the queue has nothing.
    case places([ErasedPlace])
    /// A worker has the entry. Nothing was removed.
    case inProgress
    /// The stream has too many entries to look at all of them. Nothing was removed.
    case incomplete
    /// The entry moved during every search.
    case moving
}
