package import Model
import Synchronization
import System

/// Counts the changes that this process has made in a directory. Shared by all caches in front of that directory, so
/// that each of them drops what was looked up before a change.
package final class DirectoryChanges: Sendable {
    private let number = Atomic(0)

    package init() {}

    /// The changes so far. Read before a lookup, it later shows whether the result may be older than a change.
    var count: Int { number.load(ordering: .acquiring) }

    /// To be called when a change was made, or may have been made.
    func note() {
        number.add(1, ordering: .acquiringAndReleasing)
    }
}

/// How long values that are made from a cached directory's rows stay valid: until the earliest expiry of these rows,
/// and within one generation of the directory.
///
/// A recording that runs at the same time as another thread's lookups includes these: its expiry is then too early,
/// never too late.
package final class DirectoryCacheValidity: Sendable {
    private static let outsideOfRecordings = Int64.min

    private let changes: DirectoryChanges
    private let recordingCount = Lock(0)
    /// In microseconds. Between recordings no expiry is earlier.
    private let earliestExpiry = Atomic(outsideOfRecordings)

    init(changes: DirectoryChanges) {
        self.changes = changes
    }

    /// Changes whenever this process has changed the directory: then nothing of before is valid.
    package var generation: Int { changes.count }

    /// Begins to record the expiry of lookups; each call is followed by `endRecording`.
    package func beginRecording() {
        recordingCount.withLock { count in
            count += 1
            if count == 1 { earliestExpiry.store(.max, ordering: .relaxed) }
        }
    }

    /// The earliest expiry of what was looked up since `beginRecording`: far in the future when there was no lookup,
    /// in the past when a row is not cached.
    package func endRecording() -> Timestamp {
        recordingCount.withLock { count in
            count -= 1
            let expiry = Timestamp(microseconds: earliestExpiry.load(ordering: .relaxed))
            if count == 0 { earliestExpiry.store(Self.outsideOfRecordings, ordering: .relaxed) }
            return expiry
        }
    }

    /// Notes the expiry of a row that a lookup returns.
    func note(_ expiry: Timestamp) {
        // Nearly always the row expires later than another, or nothing is recorded.
        guard expiry.microseconds < earliestExpiry.load(ordering: .relaxed) else { return }
        earliestExpiry.min(expiry.microseconds, ordering: .relaxed)
    }

    /// Notes that a lookup returns something that is not cached.
    func noteUncached() {
        note(Timestamp(microseconds: .min + 1))
    }
}
