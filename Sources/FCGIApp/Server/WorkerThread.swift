import Synchronization

/// One thread's place among those that wait in a room.
///
/// The threads are leader and followers (Schmidt et al., POSA 2): the leader accepts, the others sleep. As long as what
/// it has accepted is answered quickly, the leader goes on alone, several connections at a time: waking another thread
/// costs about as much as such an answer. Before anything that may take long - a slow peer, Redis, the directory - it
/// promotes a follower, and what it has accepted and not begun goes to whoever is free.
///
/// Only its own thread uses it. Its state is atomic because the calls before something long come by closures that must be
/// `Sendable` to get there.
final class WorkerThread: Sendable {
    private let room: ConnectionPoller
    /// The leadership it holds, if that has not been taken from it; 0 = none.
    private let term = Atomic(0)
    /// Connections in the queue may be there because it accepted them.
    private let hasQueued = Atomic(false)
    /// How busy it has been since it leads.
    private let streak = Atomic(0)

    init(room: ConnectionPoller) {
        self.room = room
    }

    /// Waits for a connection with something to read, or for the end.
    func next() -> ConnectionPoller.Arrival {
        while true {
            if term.load(ordering: .relaxed) != 0 { room.leadership.noteStep() }
            if let visit = room.takeQueued() { return .request(visit) }
            hasQueued.store(false, ordering: .relaxed)
            // Now and then what waits elsewhere in the room gets its turn, should no other thread be free.
            if leads, streak.load(ordering: .relaxed) < ConnectionPoller.longestStreak {
                let count = room.accept(atMost: room.batchSize)
                if count > 0 {
                    hasQueued.store(true, ordering: .relaxed)
                    streak.add(1, ordering: .relaxed)
                    // As many as one thread should have waiting for it: who comes now finds another one.
                    if count == room.batchSize { resign() }
                    continue
                }
            }
            resign()
            switch room.wait() {
            case .closing: return .closing
            case .connection(let visit): return .request(visit)
            case .listener(let newTerm):
                term.store(newTerm, ordering: .relaxed)
                streak.store(0, ordering: .relaxed)
                room.accept(atMost: 1)
            }
        }
    }

    /// To be called before anything that may take long: others need not wait for it.
    func promoteFollower() {
        resign()
        if hasQueued.load(ordering: .relaxed) {
            hasQueued.store(false, ordering: .relaxed)
            room.shareQueue()
        }
    }

    private var leads: Bool { room.leadership.isHeld(by: term.load(ordering: .relaxed)) }

    private func resign() {
        let held = term.load(ordering: .relaxed)
        guard held != 0 else { return }
        term.store(0, ordering: .relaxed)
        room.endLeadership(held)
    }
}
