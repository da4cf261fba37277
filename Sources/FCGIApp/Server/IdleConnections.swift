import Glibc
import System

/// Parked connections: new ones without a request and those kept open between requests. They occupy no thread, and each
/// has a deadline. Safe to use from many threads.
struct IdleConnections: Sendable {
    struct Entry: Sendable {
        var connection: Connection
        var deadline: MonotonicTime
        /// Whether it is kept open after a request.
        var isKeptAlive: Bool
    }

    private struct State: Sendable {
        /// With capacity from the start: the first connection that is parked shall not pay for the table and its type.
        var entries = [EventPoll.Tag: Entry](minimumCapacity: 32)
        var generation: UInt32 = 0
        var isDraining = false
    }

    /// The most that are parked.
    let limit: Int
    private let poll: EventPoll
    private let state = Lock(State())

    init(limit: Int, poll: EventPoll) {
        self.limit = limit
        self.poll = poll
    }

    var isFull: Bool { state.withLock { $0.entries.count >= limit } }

    /// Watches the connection until `claim` or `evict` takes it. False when it cannot be parked; the caller still owns
    /// it then.
    func park(_ entry: Entry) -> Bool {
        var entry = entry
        let wasWatched = entry.connection.isWatched
        entry.connection.isWatched = true
        let descriptor = entry.connection.descriptor
        return state.withLock { state in
            guard !(entry.isKeptAlive && state.isDraining) else { return false }
            state.generation &+= 1
            let tag = EventPoll.Tag(descriptor: descriptor, generation: state.generation)
            state.entries[tag] = entry
            let isArmed = wasWatched ? poll.rearm(descriptor, tag, .once) : poll.add(descriptor, tag, .once)
            if !isArmed { state.entries[tag] = nil }
            return isArmed
        }
    }

    /// The connection of an event; nil when it was evicted in the meantime.
    func claim(_ tag: EventPoll.Tag) -> Connection? {
        state.withLock { $0.entries.removeValue(forKey: tag)?.connection }
    }

    /// Removes the connection with the earliest deadline; the caller closes it.
    func evictOldest() -> Connection? {
        state.withLock { state in
            guard let oldest = state.entries.min(by: { $0.value.deadline < $1.value.deadline }) else { return nil }
            state.entries[oldest.key] = nil
            return oldest.value.connection
        }
    }

    /// Removes connections; the caller closes them.
    func evict(where isLeaving: (Entry) -> Bool) -> [Connection] {
        state.withLock { state in
            let leaving = state.entries.filter { isLeaving($0.value) }
            for tag in leaving.keys { state.entries[tag] = nil }
            return leaving.values.map(\.connection)
        }
    }

    /// No connection is kept open after a request any more. Removes those that are and have nothing to read; the caller
    /// closes them.
    func drain() -> [Connection] {
        state.withLock { $0.isDraining = true }
        return evict { $0.isKeptAlive && !$0.connection.isReadable }
    }
}
