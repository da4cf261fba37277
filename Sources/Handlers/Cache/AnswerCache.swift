package import Buffer
import Directory
import Model

/// Answers from memory for one thread, exact: none is older than the request.
///
/// Before an answer is given the tracker reports every change that was made before, and what is left in the store after
/// that is as good as read anew.
package final class AnswerCache {
    private let store: AnswerStore
    private let tracking: TimedTracking

    /// - Parameter tracking: tells `store` of changes.
    package init(store: AnswerStore, tracking: TimedTracking) {
        self.store = store
        self.tracking = tracking
    }

    /// The answer from memory when it still is the answer, else the one that `make` gives.
    ///
    /// - Parameters:
    ///   - lists: all that `make` reads of the log.
    ///   - isTagged: whether the answer goes out with a tag, which is then made once.
    ///   - clock: tells how late it is after Redis was asked.
    ///   - make: notes in the basis what else the answer depends on.
    func answer(
        to key: AnswerKey, of lists: [WebhookRequestQuery], isTagged: Bool, at now: Timestamp, clock: WallClock,
        directory: any Directory, make: (AnswerBasis) throws(HTTPFailure) -> Reply
    ) throws(HTTPFailure) -> Reply {
        if let known = known(key, at: now, clock: clock, directory: directory) {
            store.countHit()
            return known.reply
        }
        store.countMiss()
        let reservation = store.reserve(lists)
        var made: CachedAnswer?
        defer { store.end(reservation, made, for: key) }
        let lease = tracking.watch(lists)
        let basis = AnswerBasis()
        var reply = try make(basis)
        if isTagged { reply.tag = EntityTag(of: reply.body) }
        if let lease {
            made = CachedAnswer(reply.compacted, lists: lists, lease: lease, madeAt: now, basis: basis)
        }
        return reply
    }

    private func known(
        _ key: AnswerKey, at now: Timestamp, clock: WallClock, directory: any Directory
    ) -> CachedAnswer? {
        // Without this look nobody would wait for Redis in vain when there is nothing to confirm.
        guard held(key, at: now) != nil, tracking.catchUp(), let answer = held(key, at: now) else { return nil }
        // In the meantime another thread may have made it. Else the clock was put back, and the new answer replaces it.
        if answer.isAhead(of: now) {
            let later = clock.now()
            if answer.isAhead(of: later) || answer.isOver(later) { return nil }
        }
        if answer.isUnchanged(in: directory) { return answer }
        store.remove(key, holding: answer)
        return nil
    }

    /// What the store has, unless its time is over.
    private func held(_ key: AnswerKey, at now: Timestamp) -> CachedAnswer? {
        guard let answer = store.answer(for: key) else { return nil }
        guard answer.isOver(now) else { return answer }
        store.remove(key, holding: answer)
        return nil
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
