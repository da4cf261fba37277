/// What became of an entry that was to be enqueued.
package enum EnqueueResult: Hashable, Sendable {
    /// Redis has it; this is its id.
    case accepted(String)
    /// An entry with this id was enqueued under the same idempotency key before; nothing was added.
    case duplicate(of: String)
    /// The queue holds as many entries as it may.
    case full(depth: Int, bound: Int)
    /// The payload or the idempotency key (`what`) has more bytes than it may.
    case tooLarge(what: String, bytes: Int, limit: Int)
}
