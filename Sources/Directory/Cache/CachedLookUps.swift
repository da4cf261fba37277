import Model
import Synchronization
import System

/// Chooses between a cached value and a lookup, and measures the latter.
///
/// Apart from the directory itself: it depends on keys and values only.
struct CachedLookUps: Sendable {
    let limits: DirectoryCacheLimits
    let clock: WallClock
    let validity: DirectoryCacheValidity
    private let changes: DirectoryChanges
    private let timer = LookUpTimer()

    init(limits: DirectoryCacheLimits, clock: WallClock, changes: DirectoryChanges) {
        self.limits = limits
        self.clock = clock
        self.changes = changes
        validity = DirectoryCacheValidity(changes: changes)
    }

    /// The time spent so far in lookups, in microseconds; of all threads that use it.
    var elapsedMicroseconds: Int64 { timer.microseconds }

    /// Looks up what is not cached.
    func uncached<Value>(_ lookUp: @autoclosure () throws(DirectoryError) -> Value) throws(DirectoryError) -> Value {
        validity.noteUncached()
        return try timer.measure(lookUp)
    }

    /// The cached value, else that of `lookUp`, which is then cached.
    ///
    /// - Parameter name: the string in the key, whose length is limited.
    func value<Key, Value>(
        _ cache: TimedCache<Key, Value>, _ key: Key, name: String = "",
        _ lookUp: @autoclosure () throws(DirectoryError) -> Value
    ) throws(DirectoryError) -> Value {
        guard limits.secondsToLive > 0, name.utf8.count <= limits.keyByteLimit else {
            validity.noteUncached()
            return try timer.measure(lookUp)
        }
        // Read before the lookup, so that a value is never used longer than it is valid.
        let (now, generation) = (clock.now(), changes.count)
        if let entry = cache.entry(for: key, at: now, generation: generation) {
            validity.note(entry.expiry)
            return entry.value
        }
        let value = try timer.measure(lookUp)
        if !limits.cachesAbsence, (value as? any PossiblyAbsent)?.isAbsent == true {
            validity.noteUncached()
        } else {
            validity.note(cache.store(value, for: key, at: now, generation: generation).expiry)
        }
        return value
    }

    /// Changes the directory, after which nothing that was cached before is valid: also when another process made the
    /// change, or its outcome is unknown. All caches that share the changes see this at once.
    func change<Value>(_ work: @autoclosure () throws(DirectoryError) -> Value) throws(DirectoryError) -> Value {
        defer { changes.note() }
        return try timer.measure(work)
    }
}

/// Adds up the time of lookups on any number of threads.
private final class LookUpTimer: Sendable {
    private let sum = Atomic<Int64>(0)

    /// So far; a lookup counts when it has ended, failed or not.
    var microseconds: Int64 { sum.load(ordering: .relaxed) }

    func measure<Value>(_ lookUp: () throws(DirectoryError) -> Value) throws(DirectoryError) -> Value {
        let start = MonotonicTime.now()
        defer { sum.add(start.microsecondsUntilNow, ordering: .relaxed) }
        return try lookUp()
    }
}

/// A value that may say that there is no such row.
private protocol PossiblyAbsent {
    var isAbsent: Bool { get }
}

extension Optional: PossiblyAbsent {
    fileprivate var isAbsent: Bool {
        if case .none = self { true } else { false }
    }
}
