import Model
package import Redis
import Synchronization
package import System

/// Watches lists of the log for all threads of a process, on one connection.
///
/// One, because Redis forgets what it tracks for a connection when that ends, without telling anybody: if lists were
/// read on the threads' connections, the end of one would make its lists look unchanged for ever. Here the end of the
/// connection invalidates everything, and is reported as `.everything`.
///
/// Redis pushes invalidations by itself, but without a bound on the delay: a writer may have its acknowledgement
/// before. What Redis does guarantee is the order on one connection: the invalidation of a change comes before the
/// reply to any command that was executed after the change. So a barrier sends a command and reads up to its reply. The
/// command is an `EXISTS` of a watched list and not a `PING`, to which a server replies that has nothing to say about
/// the list any more: a replica whose master is away, a node of a cluster that has handed the list over.
///
/// Threads share barriers: a thread that comes while one is running joins the next one, which the first such thread
/// carries out for all. So each is woken once, and Redis gets at most two commands in a round trip's time. A barrier
/// also serves every request that was complete before it began.
package final class ListTracker: ListTracking {
    private struct State {
        /// A barrier is running: its leader uses the connection.
        var isRunning = false
        /// The barrier after that, which threads can still join.
        var next: InvalidationBarrier?
        /// Redis tracks what is read.
        var isTracking = false
    }

    private enum Role {
        /// Alone in the barrier.
        case leader
        /// Leader of the barrier after the running one.
        case nextLeader(InvalidationBarrier)
        case follower(InvalidationBarrier)
        case none
    }

    /// A Redis that refuses to track will not do so a second later.
    private static let refusalPause = Duration.seconds(60)
    /// Longer than a response takes without the cache; then that is the better choice.
    package static let replyTimeout = Duration.milliseconds(250)
    private let state = Lock(State())
    private let leader: LeaderState
    private let waitTimeout: Duration
    private let changed: @Sendable (ListChange) -> Void
    private let refused: @Sendable (String) -> Void
    /// When the last barrier began that succeeded and whose changes are all reported, in microseconds.
    private let confirmed = Atomic<Int64>(.min)

    /// - Parameters:
    ///   - connectTimeout: for the connection and its first commands, the first lists to watch included.
    ///   - replyTimeout: after which a silent connection counts as lost.
    ///   - state: shared with the process's other connections, if a monitor keeps it up to date.
    ///   - changed: called for each change, by the thread that reads of it, before the call that made it read returns.
    ///   - refused: called with the reason why Redis does not track, once for each reason: for a refusal at once, for
    ///     another failure when there were some in a row.
    package init(
        endpoint: RedisEndpoint, connectTimeout: Duration = replyTimeout, replyTimeout: Duration = replyTimeout,
        state: RedisServerState? = nil, changed: @escaping @Sendable (ListChange) -> Void,
        refused: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        leader = LeaderState(
            TrackedConnection(
                endpoint: endpoint, connectTimeout: connectTimeout, replyTimeout: replyTimeout, state: state),
            refusalPause: Self.refusalPause)
        waitTimeout = connectTimeout + replyTimeout + replyTimeout
        self.changed = changed
        self.refused = refused
    }

    /// Whether Redis tracks at the moment, as far as known.
    package var isTracking: Bool { state.withLock { $0.isTracking } }

    /// The number of threads that wait for the barrier after the running one.
    package var waitingCount: Int {
        state.withLock { $0.next.map { $0.followerCount + 1 } ?? 0 }
    }

    package func reportChanges(of query: WebhookRequestQuery, before instant: MonotonicTime) -> Bool {
        // That barrier began later. If the connection has been lost since, that was reported, too.
        if confirmed.load(ordering: .sequentiallyConsistent) > instant.microseconds { return true }
        return if case .done = passBarrier([], of: query) { true } else { false }
    }

    package func watch(_ queries: [WebhookRequestQuery]) -> ListLease? {
        guard let first = queries.first else { return nil }
        return if case .done(let lease) = passBarrier(queries, of: first) { lease } else { nil }
    }

    /// Takes part in a barrier that begins after this call.
    ///
    /// - Parameters:
    ///   - queries: what to watch.
    ///   - query: names a list by which the barrier is carried out when nobody wants to watch.
    private func passBarrier(
        _ queries: [WebhookRequestQuery], of query: WebhookRequestQuery
    ) -> InvalidationBarrier.Outcome {
        switch state.withLock({ Self.join(&$0, queries) }) {
        case .leader: return lead(queries, of: query)
        case .nextLeader(let barrier):
            if !barrier.waitForStart(until: MonotonicTime.now().adding(waitTimeout)), abandon(barrier) {
                return .failed
            }
            let outcome = lead(barrier.queries, of: query)
            barrier.finish(outcome)
            return outcome
        case .follower(let barrier): return barrier.waitForOutcome(until: MonotonicTime.now().adding(waitTimeout))
        case .none: return .failed
        }
    }

    private static func join(_ state: inout State, _ queries: [WebhookRequestQuery]) -> Role {
        if queries.isEmpty, !state.isTracking { return .none }
        guard state.isRunning else {
            state.isRunning = true
            return .leader
        }
        // No thread waits for a connection that is being made.
        guard state.isTracking else { return .none }
        if let next = state.next {
            next.queries += queries
            next.followerCount += 1
            return .follower(next)
        }
        let barrier = InvalidationBarrier(queries)
        state.next = barrier
        return .nextLeader(barrier)
    }

    /// Gives up a barrier that has not started; false when it has in the meantime.
    private func abandon(_ barrier: InvalidationBarrier) -> Bool {
        let isAbandoned = state.withLock { state in
            guard state.next === barrier else { return false }
            state.next = nil
            return true
        }
        if isAbandoned { barrier.finish(.failed) }
        return isAbandoned
    }

    /// Carries a barrier out and hands the connection on.
    private func lead(
        _ queries: [WebhookRequestQuery], of query: WebhookRequestQuery
    ) -> InvalidationBarrier.Outcome {
        let outcome = carryOut(queries, of: query)
        let next = state.withLock { state in
            if case .done = outcome { state.isTracking = true } else { state.isTracking = false }
            defer { state.next = nil }
            state.isRunning = state.next != nil
            return state.next
        }
        next?.start()
        return outcome
    }

    private func carryOut(
        _ queries: [WebhookRequestQuery], of query: WebhookRequestQuery
    ) -> InvalidationBarrier.Outcome {
        // The barrier before has lost the connection, and reported that.
        if queries.isEmpty, !leader.connection.isOpen { return .failed }
        let start = MonotonicTime.now()
        do throws(RedisError) {
            try leader.connection.check(at: start)
            let lease = queries.isEmpty ? try askExistence(of: query) : try readLifetimes(queries)
            confirmed.store(start.microseconds, ordering: .sequentiallyConsistent)
            leader.attempts.recordSuccess()
            return .done(lease)
        } catch {
            disconnect(after: error)
            return .failed
        }
    }

    private func disconnect(after error: RedisError) {
        if leader.connection.isOpen { changed(.everything) }
        leader.connection.close()
        if let reason = leader.attempts.recordFailure(error) { refused(reason) }
    }

    /// Reports all changes before the reply to `EXISTS`.
    private func askExistence(of query: WebhookRequestQuery) throws(RedisError) -> ListLease {
        leader.nameExistence(
            WebhookRequestKey(
                appID: query.appID, event: query.events.first ?? EventType(rawValue: ""), isErrors: query.errorsOnly))
        var hasReplied = false
        try leader.connection.exchange(leader.existence) {
            if case .integer = $0 { hasReplied = true }
        } changed: {
            self.report($0)
        }
        guard hasReplied else {
            throw leader.connection.errorReply.map { .refused(key: nil, message: $0) }
                ?? .unexpectedReply("EXISTS returned no integer")
        }
        return ListLease(.zero)
    }

    /// Reads the remaining lifetime of each list. Reading makes Redis track the key, also while there is no list.
    private func readLifetimes(_ queries: [WebhookRequestQuery]) throws(RedisError) -> ListLease {
        var deadline: MonotonicTime?
        if !leader.connection.isOpen {
            try leader.attempts.check()
            deadline = try leader.connection.open()
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
        try leader.connection.exchange(request, by: deadline) { message in
            switch message {
            // Negative: there is no such list, or it does not expire.
            case .integer(let milliseconds):
                if milliseconds >= 0 { shortest = min(shortest, .milliseconds(milliseconds)) }
            case .error(let text): problem = .refused(key: nil, message: text)
            default: problem = .unexpectedReply("PTTL returned no integer")
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

/// What only the leader of the running barrier uses.
///
/// Unchecked because there is one leader at a time, and each gets it after the one before: a first leader by taking
/// `isRunning` under the tracker's lock, each further one by the start of its barrier.
private final class LeaderState: @unchecked Sendable {
    let connection: TrackedConnection
    var attempts: AttemptBackoff
    /// An `EXISTS` of `existenceKey`; its memory is used again.
    private(set) var existence = RedisRequest()
    private var existenceKey: WebhookRequestKey?

    init(_ connection: TrackedConnection, refusalPause: Duration) {
        self.connection = connection
        attempts = AttemptBackoff(refusal: refusalPause)
    }

    /// Makes `existence` be about this list; often it is that of the last time.
    func nameExistence(_ key: WebhookRequestKey) {
        guard key != existenceKey else { return }
        existenceKey = key
        existence.removeAll()
        existence.begin(argumentCount: 2)
        existence.appendArgument("EXISTS")
        key.append(to: &existence)
    }
}
