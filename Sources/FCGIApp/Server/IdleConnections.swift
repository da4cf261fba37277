import Glibc
import System

/// Parked connections: those that no thread works on. Each has a deadline. Safe to use from many threads.
struct IdleConnections: Sendable {
    /// What a connection is parked for.
    enum Purpose: Sendable {
        /// A new one has sent nothing yet.
        case silent
        /// It is kept open after a request.
        case keptAlive
        /// More of a request must arrive.
        case receiving(Reception)
        /// Memory for a request's body must become free.
        case waiting(Reception)
        /// The peer has its response and still sends, until this time at most.
        case lingering(end: MonotonicTime)
    }

    struct Entry: Sendable {
        var connection: Connection
        var deadline: MonotonicTime
        var purpose: Purpose

        fileprivate var isKeptAlive: Bool {
            if case .keptAlive = purpose { true } else { false }
        }

        /// Whether a request has begun to arrive.
        fileprivate var hasRequest: Bool {
            switch purpose {
            case .receiving, .waiting: true
            case .silent, .keptAlive, .lingering: false
            }
        }

        /// Whether it is to be closed now. What has something to read waits for a thread, and gets its turn.
        fileprivate func isOver(at now: MonotonicTime) -> Bool {
            switch purpose {
            case .silent, .keptAlive, .receiving: deadline <= now && !connection.isReadable
            case .waiting: false
            case .lingering(let end): end <= now || (deadline <= now && !connection.isReadable)
            }
        }
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

    /// Watches the connection until `claim`, `evict` or `evictOldest` takes it; one that waits for memory only from
    /// `resumeWaiting` on. False when it cannot be parked; the caller still owns it then.
    func park(_ entry: Entry) -> Bool {
        state.withLock { state in
            guard !(entry.isKeptAlive && state.isDraining) else { return false }
            state.generation &+= 1
            let tag = EventPoll.Tag(descriptor: entry.connection.descriptor, generation: state.generation)
            if case .waiting = entry.purpose {
                state.entries[tag] = entry
                return true
            }
            return watch(entry, tag, &state, .once)
        }
    }

    /// Keeps the entry and watches its connection. False when the system refuses; the entry is gone then.
    private func watch(
        _ entry: Entry, _ tag: EventPoll.Tag, _ state: inout State, _ trigger: EventPoll.Trigger
    ) -> Bool {
        let (descriptor, wasWatched) = (entry.connection.descriptor, entry.connection.isWatched)
        var entry = entry
        entry.connection.isWatched = true
        state.entries[tag] = entry
        let isArmed = wasWatched ? poll.rearm(descriptor, tag, trigger) : poll.add(descriptor, tag, trigger)
        if !isArmed { state.entries[tag] = nil }
        return isArmed
    }

    /// The connection of an event; nil when it was evicted in the meantime.
    func claim(_ tag: EventPoll.Tag) -> Entry? {
        state.withLock { $0.entries.removeValue(forKey: tag) }
    }

    /// Lets requests that wait for memory go on, in the order of their deadlines.
    ///
    /// - Parameter isNext: whether the next one may; the others stay where it may not.
    /// - Returns: connections that cannot be watched; the caller closes them.
    func resumeWaiting(while isNext: (Entry, Reception) -> Bool) -> [Connection] {
        state.withLock { state in
            var lost: [Connection] = []
            while true {
                var next: (tag: EventPoll.Tag, entry: Entry, reception: Reception)?
                for (tag, entry) in state.entries {
                    guard case .waiting(let reception) = entry.purpose else { continue }
                    if let next, next.entry.deadline <= entry.deadline { continue }
                    next = (tag, entry, reception)
                }
                guard let next, isNext(next.entry, next.reception) else { return lost }
                let entry = Entry(
                    connection: next.entry.connection, deadline: next.reception.deadline,
                    purpose: .receiving(next.reception))
                if !watch(entry, next.tag, &state, .now) { lost.append(entry.connection) }
            }
        }
    }

    /// Removes the connection with the earliest deadline, a request that has begun to arrive only where there is
    /// nothing else; the caller closes it.
    func evictOldest() -> Connection? {
        state.withLock { state in
            let oldest = state.entries.min { first, second in
                let (first, second) = (first.value, second.value)
                if first.hasRequest != second.hasRequest { return second.hasRequest }
                return first.deadline < second.deadline
            }
            guard let oldest else { return nil }
            state.entries[oldest.key] = nil
            return oldest.value.connection
        }
    }

    /// Removes connections; the caller closes them.
    func evict(where isLeaving: (Entry) -> Bool) -> [Entry] {
        state.withLock { state in
            let leaving = state.entries.filter { isLeaving($0.value) }
            for tag in leaving.keys { state.entries[tag] = nil }
            return Array(leaving.values)
        }
    }

    /// Removes those whose time is over; the caller closes them.
    func evictOver(at now: MonotonicTime) -> [Entry] { evict { $0.isOver(at: now) } }

    /// No connection is kept open after a request any more. Removes those that are and have nothing to read; the caller
    /// closes them.
    func drain() -> [Entry] {
        state.withLock { $0.isDraining = true }
        return evict { $0.isKeptAlive && !$0.connection.isReadable }
    }
}
