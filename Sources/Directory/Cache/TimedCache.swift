import Model
import System

/// A bounded number of values, each for a limited time. Safe to use from many threads.
///
/// Two generations instead of a list by last use: new and requested entries live in the young one; when that holds half
/// of the limit it becomes the old one, and the old one's entries that were not requested since are dropped. Every
/// operation takes constant time.
final class TimedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// An object, so that tables move a reference and a hit copies the value only once: an app has thirty fields.
    final class Entry: Sendable {
        let value: Value
        /// From this moment on the value is not used any more.
        let expiry: Timestamp
        fileprivate let storedAt: Timestamp
        fileprivate let generation: Int

        fileprivate init(value: Value, storedAt: Timestamp, expiry: Timestamp, generation: Int) {
            self.value = value
            self.storedAt = storedAt
            self.expiry = expiry
            self.generation = generation
        }

        /// An entry from the future was stored before the clock was set back: its age is unknown.
        fileprivate func isValid(at now: Timestamp, _ generation: Int) -> Bool {
            self.generation == generation && storedAt <= now && now < expiry
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
    ///   - entryLimit: the maximum number of entries; at least 2.
    ///   - microsecondsToLive: the age from which entries are invalid.
    init(entryLimit: Int, microsecondsToLive: Int64) {
        self.entryLimit = max(2, entryLimit)
        self.microsecondsToLive = microsecondsToLive
    }

    /// The valid entry of `key`.
    ///
    /// - Parameter generation: of the directory; entries of another one are invalid.
    func entry(for key: Key, at now: Timestamp, generation: Int = 0) -> Entry? {
        generations.withLock { generations in
            if let entry = generations.young[key] { return entry.isValid(at: now, generation) ? entry : nil }
            guard let entry = generations.old[key], entry.isValid(at: now, generation) else { return nil }
            generations.old[key] = nil
            insert(entry, for: key, into: &generations)
            return entry
        }
    }

    /// - Parameter generation: of the directory when the lookup of the value began.
    @discardableResult
    func store(_ value: Value, for key: Key, at now: Timestamp, generation: Int = 0) -> Entry {
        let expiry = Timestamp(microseconds: now.microseconds + microsecondsToLive)
        let entry = Entry(value: value, storedAt: now, expiry: expiry, generation: generation)
        generations.withLock { generations in
            generations.old[key] = nil
            insert(entry, for: key, into: &generations)
        }
        return entry
    }

    /// The number of entries held, expired ones included.
    var count: Int {
        generations.withLock { $0.young.count + $0.old.count }
    }

    private func insert(_ entry: Entry, for key: Key, into generations: inout Generations) {
        generations.young[key] = entry
        guard generations.young.count >= entryLimit / 2 else { return }
        generations.old = generations.young
        generations.young = [:]
    }
}
