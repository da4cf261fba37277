package import Buffer
package import Directory
import Model

/// Answers from memory for one thread, exact: none is older than the request.
///
/// Before an answer is given the tracker reports every change that was made before, and what is left in the store after
/// that is as good as read anew.
package final class ResponseCache {
    private let store: CachedResponseStore
    private let tracking: TimedTracking
    private let directory: any DirectoryStore
    private var confirmations = Confirmations()

    /// - Parameters:
    ///   - tracking: tells `store` of changes.
    ///   - directory: the thread's, from which its answers are made.
    package init(store: CachedResponseStore, tracking: TimedTracking, directory: any DirectoryStore) {
        self.store = store
        self.tracking = tracking
        self.directory = directory
    }

    /// The answer from memory when it still is the answer, else the one that `make` gives.
    ///
    /// - Parameters:
    ///   - lists: all that `make` reads of the log; asked for only when it is read.
    ///   - isTagged: whether the answer goes out with a tag, which is then made once.
    ///   - clock: tells how late it is after Redis was asked.
    ///   - make: is given the lists, and notes in the basis what else the answer depends on.
    func answer(
        to key: ResponseCacheKey, of lists: () -> [WebhookRequestQuery], isTagged: Bool, at now: Timestamp,
        clock: WallClock,
        make: ([WebhookRequestQuery], CachedResponseBasis) throws(HTTPFailure) -> Reply
    ) throws(HTTPFailure) -> Reply {
        if let known = known(key, at: now, clock: clock) {
            store.countHit()
            return known.reply
        }
        store.countMiss()
        let lists = lists()
        let reservation = store.reserve(lists)
        var made: CachedResponse?
        defer { store.end(reservation, made, for: key) }
        let lease = tracking.watch(lists)
        let basis = CachedResponseBasis()
        var reply = try make(lists, basis)
        if isTagged { reply.tag = EntityTag(of: reply.body) }
        if let lease {
            made = CachedResponse(
                reply.compacted, number: reservation.number, lists: lists, lease: lease, madeAt: now, basis: basis)
        }
        return reply
    }

    private func known(_ key: ResponseCacheKey, at now: Timestamp, clock: WallClock) -> CachedResponse? {
        // Without this look nobody would wait for Redis in vain when there is nothing to confirm.
        guard let first = held(key, at: now), tracking.catchUp() else { return nil }
        // The store needs no second look unless the answer has left it. Another may have taken its place.
        guard let answer = first.isHeld ? current(first, key, at: now) : held(key, at: now) else { return nil }
        // In the meantime another thread may have made it. Else the clock was put back, and the new answer replaces it.
        if answer.isAhead(of: now) {
            let later = clock.now()
            if answer.isAhead(of: later) || answer.isOver(later) { return nil }
        }
        if isConfirmed(answer) { return answer }
        store.remove(key, holding: answer)
        return nil
    }

    /// What the store has, unless its time is over.
    private func held(_ key: ResponseCacheKey, at now: Timestamp) -> CachedResponse? {
        store.answer(for: key).flatMap { current($0, key, at: now) }
    }

    /// The answer unless its time is over; then it leaves the store.
    private func current(_ answer: CachedResponse, _ key: ResponseCacheKey, at now: Timestamp) -> CachedResponse? {
        guard answer.isOver(now) else { return answer }
        store.remove(key, holding: answer)
        return nil
    }

    /// Whether the directory still says what the answer shows of it. Within one epoch of the directory that is asked
    /// once: an answer may show dozens of organizations.
    private func isConfirmed(_ answer: CachedResponse) -> Bool {
        let epoch = directory.epoch
        if let epoch, confirmations.has(answer.number, in: epoch) { return true }
        guard answer.isUnchanged(in: directory) else { return false }
        // Looking up what was forgotten begins another epoch, and so may the passing of time.
        if let epoch, directory.epoch == epoch { confirmations.note(answer.number, in: epoch) }
        return true
    }
}

extension Reply {
    /// The same without the memory that was reserved and not used.
    fileprivate var compacted: Reply {
        guard body.capacity > body.count + body.count / 8 else { return self }
        var copy = self
        copy.body = body.withUnsafeBufferPointer { Array($0) }
        return copy
    }
}
