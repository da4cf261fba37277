import Model

/// Remembers a bounded number of answers for a while. Safe to use from many threads.
///
/// Two generations instead of a list by last use: new and asked-for entries live in the young one; when that is half of
/// the bound, it becomes the old one, and what nobody asked for since is gone. Every operation takes constant time.
final class TimedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// An object, so that tables move a reference and a hit copies the value once only: an app has thirty fields.
    private final class Entry: Sendable {
        let value: Value
        let storedAt: Timestamp

        init(value: Value, storedAt: Timestamp) {
            self.value = value
            self.storedAt = storedAt
        }
    }

    private struct Generations {
        var young: [Key: Entry] = [:]
        var old: [Key: Entry] = [:]
        var removalCount = 0
    }

    private let generations = Lock(Generations())
    private let entryLimit: Int
    private let microsecondsToLive: Int64

    /// - Parameters:
    ///   - entryLimit: at most this many entries; at least 2.
    ///   - microsecondsToLive: entries of this age and older do not count.
    init(entryLimit: Int, microsecondsToLive: Int64) {
        self.entryLimit = max(2, entryLimit)
        self.microsecondsToLive = microsecondsToLive
    }

    /// The value of `key` if it is young enough.
    func value(for key: Key, at now: Timestamp) -> Value? {
        generations.withLock { generations in
            if let entry = generations.young[key] { return isFresh(entry, at: now) ? entry.value : nil }
            guard let entry = generations.old[key], isFresh(entry, at: now) else { return nil }
            insert(entry, for: key, into: &generations)
            return entry.value
        }
    }

    func store(_ value: Value, for key: Key, at now: Timestamp) {
        generations.withLock { insert(Entry(value: value, storedAt: now), for: key, into: &$0) }
    }

    /// Stores an answer unless `removeAll` was called since the question was asked: it may be from before the change.
    ///
    /// - Parameter removalCount: what `removalCount` was before asking.
    func store(_ value: Value, for key: Key, at now: Timestamp, ifNothingRemovedSince removalCount: Int) {
        generations.withLock { generations in
            guard generations.removalCount == removalCount else { return }
            insert(Entry(value: value, storedAt: now), for: key, into: &generations)
        }
    }

    /// How often `removeAll` was called.
    var removalCount: Int { generations.withLock { $0.removalCount } }

    /// Forgets the entries whose value `isStale` says yes to. Takes time for every entry.
    func removeAll(where isStale: (Value) -> Bool) {
        generations.withLock { generations in
            generations.removalCount += 1
            generations.young = generations.young.filter { !isStale($1.value) }
            generations.old = generations.old.filter { !isStale($1.value) }
        }
    }

    /// How many entries are held, old ones included.
    var count: Int {
        generations.withLock { $0.young.count + $0.old.count }
    }

    private func insert(_ entry: Entry, for key: Key, into generations: inout Generations) {
        generations.old[key] = nil
        generations.young[key] = entry
        guard generations.young.count >= entryLimit / 2 else { return }
        generations.old = generations.young
        generations.young = [:]
    }

    /// An entry from the future was stored before the clock was put back: nobody knows its age.
    private func isFresh(_ entry: Entry, at now: Timestamp) -> Bool {
        let age = now.microseconds - entry.storedAt.microseconds
        return age >= 0 && age < microsecondsToLive
    }
}
