import Model
import System

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
    private let epochs: MemoryEpochs?

    /// - Parameters:
    ///   - entryLimit: at most this many entries; at least 2.
    ///   - microsecondsToLive: entries of this age and older do not count.
    ///   - epochs: told of the values given and of those that go; nil = nobody asks.
    init(entryLimit: Int, microsecondsToLive: Int64, epochs: MemoryEpochs? = nil) {
        self.entryLimit = max(2, entryLimit)
        self.microsecondsToLive = microsecondsToLive
        self.epochs = epochs
    }

    /// The value of `key` if it is young enough.
    ///
    /// - Parameter change: the number of the last change; what was found before another one does not count.
    func value(for key: Key, at now: Timestamp, change: Int = 0) -> Value? {
        generations.withLock { generations in
            if let entry = generations.young[key] { return isFresh(entry, at: now, change) ? given(entry) : nil }
            guard let entry = generations.old[key], isFresh(entry, at: now, change) else { return nil }
            generations.old[key] = nil
            insert(entry, for: key, into: &generations)
            return given(entry)
        }
    }

    /// - Parameter change: the number of the last change when the value began to be looked up.
    func store(_ value: Value, for key: Key, at now: Timestamp, change: Int = 0) {
        generations.withLock { generations in
            let entry = Entry(value: value, storedAt: now, change: change)
            // What was given before is another answer, perhaps.
            let isKnown = generations.old.removeValue(forKey: key) != nil || generations.young[key] != nil
            if isKnown { epochs?.end() }
            insert(entry, for: key, into: &generations)
            _ = given(entry)
        }
    }

    /// Tells that a value was found and is not remembered.
    func passOver() {
        epochs?.end()
    }

    /// How many entries are held, old ones included.
    var count: Int {
        generations.withLock { $0.young.count + $0.old.count }
    }

    private func insert(_ entry: Entry, for key: Key, into generations: inout Generations) {
        generations.young[key] = entry
        guard generations.young.count >= entryLimit / 2 else { return }
        if !generations.old.isEmpty { epochs?.end() }
        generations.old = generations.young
        generations.young = [:]
    }

    /// The value of an entry that somebody gets.
    private func given(_ entry: Entry) -> Value {
        let end = Timestamp(microseconds: entry.storedAt.microseconds + microsecondsToLive)
        epochs?.note(from: entry.storedAt, to: end, change: entry.change)
        return entry.value
    }

    /// An entry from the future was stored before the clock was put back: nobody knows its age.
    private func isFresh(_ entry: Entry, at now: Timestamp, _ change: Int) -> Bool {
        guard entry.change == change else { return false }
        let age = now.microseconds - entry.storedAt.microseconds
        return age >= 0 && age < microsecondsToLive
    }
}
