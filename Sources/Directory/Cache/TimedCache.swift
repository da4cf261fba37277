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
        let change: Int

        init(value: Value, storedAt: Timestamp, change: Int) {
            self.value = value
            self.storedAt = storedAt
            self.change = change
        }
    }

    private struct Generations {
        var young: [Key: Entry] = [:]
        var old: [Key: Entry] = [:]
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
    ///
    /// - Parameter change: the number of the last change; what was found before another one does not count.
    func value(for key: Key, at now: Timestamp, change: Int = 0) -> Value? {
        generations.withLock { generations in
            if let entry = generations.young[key] { return isFresh(entry, at: now, change) ? entry.value : nil }
            guard let entry = generations.old[key], isFresh(entry, at: now, change) else { return nil }
            insert(entry, for: key, into: &generations)
            return entry.value
        }
    }

    /// - Parameter change: the number of the last change when the value began to be looked up.
    func store(_ value: Value, for key: Key, at now: Timestamp, change: Int = 0) {
        generations.withLock {
            insert(Entry(value: value, storedAt: now, change: change), for: key, into: &$0)
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
    private func isFresh(_ entry: Entry, at now: Timestamp, _ change: Int) -> Bool {
        guard entry.change == change else { return false }
        let age = now.microseconds - entry.storedAt.microseconds
        return age >= 0 && age < microsecondsToLive
    }
}
