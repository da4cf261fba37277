import Model
package import Redis
import Synchronization
import System

/// Watches lists of the log for all threads of a process, on one connection.
///
/// One, because Redis forgets what it tracks for a connection when that ends, and tells nobody: were lists read on the
/// threads' connections, the end of one would silently make its lists look unchanged for ever. Here the end of the
/// connection is the end of everything known, reported as `.everything`.
///
/// Messages about changes come by themselves, but nothing says when: a writer may have its acknowledgement before. What
/// Redis does promise is the order on one connection: a change's message stands before the reply to any command that was
/// executed after the change. So `catchUp` sends a command and reads up to its reply.
///
/// Threads that ask at the same time share the answer: whoever comes while an exchange is under way waits for the next
/// one, which the first of them carries out for all. So each is woken once, and Redis is asked no more than two times
/// in a round trip's time. And an exchange serves all requests that were there before it began: whoever took a mark then
/// needs none of his own.
package final class ListTracker: ListTracking {
    private struct State {
        /// A round is under way: its leader uses the connection.
        var isRunning = false
        /// The round after that, which threads still may join.
        var next: InvalidationBarrier?
        /// Redis tracks what is read.
        var isTracking = false
    }

    private enum Place {
        /// Nobody else takes part in the round.
        case leader
        /// Leader of the round after the one under way.
        case nextLeader(InvalidationBarrier)
        case follower(InvalidationBarrier)
        case none
    }

    /// A Redis that refuses will not change its mind every second.
    private static let refusalPause = Duration.seconds(60)
    /// Longer than an answer without memory takes; then that is the better way.
    package static let replyTimeout = Duration.milliseconds(250)
    private let state = Lock(State())
    private let connection: TrackedConnection
    private let patience: Duration
    private let signOfLife: RedisRequest
    private let changed: @Sendable (ListChange) -> Void
    private let refused: @Sendable (String) -> Void
    /// The leader's, as the connection.
    private let attempts: AttemptPauses
    /// How many exchanges have begun, and which of them was the last to succeed, with all its changes reported.
    private let begunCount = Atomic(0)
    private let confirmed = Atomic(0)

    /// - Parameters:
    ///   - connectTimeout: for the connection and what is said first, the first lists to watch included.
    ///   - replyTimeout: after which a silent connection counts as broken.
    ///   - changed: told of each change, by the thread that reads of it, before the call that made it read returns.
    ///   - refused: told why Redis does not track, once for each reason: a refusal at once, another failure when there
    ///     were some in a row.
    package init(
        endpoint: RedisEndpoint, connectTimeout: Duration = replyTimeout, replyTimeout: Duration = replyTimeout,
        changed: @escaping @Sendable (ListChange) -> Void, refused: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        connection = TrackedConnection(
            endpoint: endpoint, connectTimeout: connectTimeout, replyTimeout: replyTimeout)
        var request = RedisRequest()
        request.append("PING")
        signOfLife = request
        patience = connectTimeout + replyTimeout + replyTimeout
        self.changed = changed
        self.refused = refused
        attempts = AttemptPauses(refusal: Self.refusalPause)
    }

    /// Whether Redis tracks at the moment, as far as known.
    package var isTracking: Bool { state.withLock { $0.isTracking } }

    /// How many threads wait for the round after the one under way.
    package var waitingCount: Int {
        state.withLock { $0.next.map { $0.followerCount + 1 } ?? 0 }
    }

    package var mark: InvalidationSequence {
        InvalidationSequence(begunCount: begunCount.load(ordering: .sequentiallyConsistent))
    }

    package func catchUp(to mark: InvalidationSequence) -> Bool {
        // The exchange began after the mark was taken. That the connection may have ended since takes nothing back: it
        // was reported, too.
        if confirmed.load(ordering: .sequentiallyConsistent) > mark.begunCount { return true }
        return if case .done = share([]) { true } else { false }
    }

    package func watch(_ queries: [WebhookRequestQuery]) -> ListLease? {
        if case .done(let lease) = share(queries) { lease } else { nil }
    }

    /// Takes part in a round that begins after this call.
    private func share(_ queries: [WebhookRequestQuery]) -> InvalidationBarrier.Outcome {
        switch state.withLock({ Self.join(&$0, queries) }) {
        case .leader: return lead(queries)
        case .nextLeader(let round):
            if !round.waitForTurn(until: MonotonicTime.now().adding(patience)), abandon(round) {
                return .failed
            }
            let outcome = lead(round.queries)
            round.end(outcome)
            return outcome
        case .follower(let round): return round.waitForEnd(until: MonotonicTime.now().adding(patience))
        case .none: return .failed
        }
    }

    private static func join(_ state: inout State, _ queries: [WebhookRequestQuery]) -> Place {
        if queries.isEmpty, !state.isTracking { return .none }
        guard state.isRunning else {
            state.isRunning = true
            return .leader
        }
        // Nobody waits for a connection that is being made.
        guard state.isTracking else { return .none }
        if let next = state.next {
            next.queries += queries
            next.followerCount += 1
            return .follower(next)
        }
        let round = InvalidationBarrier(queries)
        state.next = round
        return .nextLeader(round)
    }

    /// Gives up a round whose turn has not come; false when it has in the meantime.
    private func abandon(_ round: InvalidationBarrier) -> Bool {
        let isAbandoned = state.withLock { state in
            guard state.next === round else { return false }
            state.next = nil
            return true
        }
        if isAbandoned { round.end(.failed) }
        return isAbandoned
    }

    /// Carries a round out and hands the connection on.
    private func lead(_ queries: [WebhookRequestQuery]) -> InvalidationBarrier.Outcome {
        let outcome = carryOut(queries)
        let next = state.withLock { state in
            if case .done = outcome { state.isTracking = true } else { state.isTracking = false }
            defer { state.next = nil }
            state.isRunning = state.next != nil
            return state.next
        }
        next?.begin()
        return outcome
    }

    private func carryOut(
        _ queries: [WebhookRequestQuery]
    ) -> InvalidationBarrier.Outcome {
        // The round before has lost the connection, and said so.
        if queries.isEmpty, !connection.isOpen { return .failed }
        // Counted before Redis is asked: a mark taken earlier is older than the question.
        let number = begunCount.add(1, ordering: .sequentiallyConsistent).newValue
        do throws(RedisError) {
            let lease = queries.isEmpty ? try ping() : try readLifetimes(queries)
            confirmed.store(number, ordering: .sequentiallyConsistent)
            attempts.succeeded()
            return .done(lease)
        } catch {
            giveUp(error)
            return .failed
        }
    }

    private func giveUp(_ error: RedisError) {
        if connection.isOpen { changed(.everything) }
        connection.close()
        if let news = attempts.failed(error) { refused(news) }
    }

    private func ping() throws(RedisError) -> ListLease {
        var isAlive = false
        try connection.exchange(signOfLife) {
            isAlive = $0 == .status("PONG")
        } changed: {
            self.report($0)
        }
        guard isAlive else { throw .unexpectedReply("PING was not answered") }
        return ListLease(.zero)
    }

    /// Asks when each list expires. That it is read makes Redis track it, also while there is none.
    private func readLifetimes(_ queries: [WebhookRequestQuery]) throws(RedisError) -> ListLease {
        var limit: TrackedConnection.TimeLimit?
        if !connection.isOpen {
            try attempts.check()
            limit = try connection.open()
        }
        var request = RedisRequest()
        for query in queries {
            for event in query.events {
                request.append(
                    "PTTL", WebhookRequestKey(appID: query.appID, event: event, isErrors: query.errorsOnly).text)
            }
        }
        let start = MonotonicTime.now()
        var shortest = ListLease.longest
        var problem: RedisError?
        try connection.exchange(request, within: limit) { message in
            switch message {
            // Negative: there is no such list, or it does not expire.
            case .integer(let milliseconds):
                if milliseconds >= 0 { shortest = min(shortest, .milliseconds(milliseconds)) }
            case .error(let text): problem = .refused(key: nil, message: text)
            default: problem = .unexpectedReply("PTTL gave no integer")
            }
        } changed: {
            self.report($0)
        }
        if let problem { throw problem }
        return ListLease(end: start.adding(shortest))
    }

    private func report(_ message: TrackingMessage) {
        guard case .changed(let keys) = message else { return changed(.everything) }
        for key in keys {
            changed(WebhookRequestKey(parsing: key).map { .list($0) } ?? .everything)
        }
    }
}
