import Model
import System

/// Tells for how long a memory goes on giving the answers that it gave.
///
/// All answers that were given since an epoch began are given again as long as it lasts. It is over when the first of
/// them has grown old, when one was replaced or pushed out, and with every change of the directory. An epoch may end
/// early, never late: who has noted its number need not ask anything again while that is the current one.
final class MemoryEpochs: Sendable {
    private struct Epoch {
        var number = 0
        var change = 0
        /// When the youngest answer was found; before that the clock was put back.
        var begin = Timestamp(microseconds: .min)
        /// When the oldest answer's time is over.
        var end = Timestamp(microseconds: .max)

        func includes(_ now: Timestamp) -> Bool { begin <= now && now < end }
    }

    private let epoch = Lock(Epoch())

    /// The number of the epoch at a moment, a new one if the last is over.
    ///
    /// - Parameter change: the number of the last change of the directory.
    func number(at now: Timestamp, change: Int) -> Int {
        epoch.withLock { epoch in
            if epoch.change != change || !epoch.includes(now) { Self.startAnother(&epoch, change: change) }
            return epoch.number
        }
    }

    /// Notes an answer that was given: the epoch lasts no longer than it.
    ///
    /// - Parameter change: the number of the change after which it was found.
    func note(from begin: Timestamp, to end: Timestamp, change: Int) {
        epoch.withLock { epoch in
            if epoch.change != change { Self.startAnother(&epoch, change: change) }
            epoch.begin = max(epoch.begin, begin)
            epoch.end = min(epoch.end, end)
        }
    }

    /// To be called when an answer that may have been given is remembered no more, or never was.
    func end() {
        epoch.withLock { Self.startAnother(&$0, change: $0.change) }
    }

    private static func startAnother(_ epoch: inout Epoch, change: Int) {
        epoch = Epoch(number: epoch.number + 1, change: change)
    }
}
