package import Model
import System

extension WallClock {
    /// A clock that stands still.
    package static func frozen(at timestamp: Timestamp) -> WallClock {
        WallClock { timestamp }
    }
}

/// A clock that tests set.
package final class ManualClock: Sendable {
    private let time: Lock<Timestamp>

    package init(_ start: Timestamp = Timestamp(seconds: 1_700_000_000)) {
        time = Lock(start)
    }

    package var now: Timestamp { time.withLock { $0 } }
    package var clock: WallClock { WallClock { [time] in time.withLock { $0 } } }

    package func advance(seconds: Int64) {
        time.withLock { $0 = $0.adding(seconds: seconds) }
    }
}
