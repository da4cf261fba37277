import Buffer
import ProgramSupport
import System

/// A connection on which somebody asks something, on its way to a thread.
struct ReadyConnection: Sendable {
    var connection: Connection
    /// When the first of the request was there, as far as anybody looked.
    var arrival = MonotonicTime.now()
    /// How far Redis had been asked when the first of the request was there; nil = nobody keeps answers.
    var mark: InvalidationSequence?
    /// Reading the request will not have to wait for the peer.
    var isWhole = false
}
