import Model
import Synchronization
import System

/// The connections that say nothing.
extension ConnectionPoller {
    /// The connection of an event; nil when it was closed in the meantime.
    func claim(_ tag: EventPoll.Tag) -> Connection? {
        state.withLock { $0.guests.removeValue(forKey: tag)?.connection }
    }

    /// Lets a connection wait until something can be read from it.
    func seat(_ newcomer: IdleConnection) {
        var guest = newcomer
        guest.connection.isWatched = true
        let change = newcomer.connection.isWatched ? EventPoll.Change.rearm : .add
        let isFull = state.withLock { $0.guests.count >= maximumGuests }
        if isFull { _ = dismissOldest() }
        let isSeated = state.withLock { state in
            guard !(guest.isKept && isDraining.load(ordering: .sequentiallyConsistent)) else { return false }
            state.generation &+= 1
            let tag = EventPoll.Tag(descriptor: guest.connection.descriptor, generation: state.generation)
            state.guests[tag] = guest
            guard poll.watch(guest.connection.descriptor, tag, change) else {
                state.guests[tag] = nil
                return false
            }
            return true
        }
        if !isSeated { close(guest.connection) }
    }

    /// Whether there was one.
    func dismissOldest() -> Bool {
        guard let oldest = state.withLock({ $0.guests.values.map(\.end).min() }) else { return false }
        dismiss { $0.end <= oldest }
        return true
    }

    func dismiss(where isLeaving: (IdleConnection) -> Bool) {
        state.withLock { state in
            for (tag, guest) in state.guests where isLeaving(guest) {
                state.guests[tag] = nil
                close(guest.connection)
            }
        }
    }
}
