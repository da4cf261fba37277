import Model

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
/// Threads that ask at the same time share the answer: whoever comes while an exchange is under way waits for its end,
/// and one of those who waited leads the next for all of them.
package final class ListTracker: ListTracking {
    private struct State {
        /// A thread uses the connection.
        var isBusy = false
        /// Redis tracks what is read.
        var isTracking = false
        /// Exchanges begun; the last of them that ended well.
        var begun: UInt64 = 0
        var done: UInt64 = 0
    }

    private enum Turn {
        case lead(UInt64)
        case done
        case failed
    }

    /// A Redis that refuses will not change its mind every second.
    private static let refusalPause = Duration.seconds(60)
    /// Longer than an answer without memory takes; then that is the better way.
    package static let replyTimeout = Duration.milliseconds(250)

    private let state = Monitor(State())
    private let connection: TrackedConnection
    private let patience: Duration
    private let signOfLife: RedisRequest
    private let changed: @Sendable (ListChange) -> Void
    private let refused: @Sendable (String) -> Void
    /// Of the thread that uses the connection.
    private let attempts: AttemptPauses

    /// - Parameters:
    ///   - connectTimeout: for the connection and what is said first.
    ///   - replyTimeout: after which a silent connection counts as broken.
    ///   - changed: told of each change, by the thread that reads of it, before the call that made it read returns.
    ///   - refused: told why Redis does not track, once for each reason.
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

    package func catchUp() -> Bool {
        var goal: UInt64?
        let turn = wait { state -> Turn? in
            guard state.isTracking else { return .failed }
            // Only an exchange that begins after this call counts.
            let needed = goal ?? state.begun + 1
            goal = needed
            if state.done >= needed { return .done }
            return Self.lead(&state)
        }
        switch turn {
        case .done: return true
        case .failed: return false
        case .lead(let number):
            return finish(number) { () throws(BufferError) in try self.ping() } != nil
        }
    }

    package func watch(_ queries: [WebhookRequestQuery]) -> ListLease? {
        let turn = wait { state -> Turn? in
            // Others do not wait for a connection that is being made.
            if state.isBusy, !state.isTracking { return .failed }
            return Self.lead(&state)
        }
        guard case .lead(let number) = turn else { return nil }
        return finish(number) { () throws(BufferError) in
            if !self.connection.isOpen { try self.open() }
            return try self.readLifetimes(queries)
        }
    }

    private func wait(_ turn: (inout State) -> Turn?) -> Turn {
        let deadline = Deadline(after: patience).nanoseconds / 1000
        return state.wait(untilMicroseconds: deadline, turn) ?? .failed
    }

    private static func lead(_ state: inout State) -> Turn? {
        guard !state.isBusy else { return nil }
        state.isBusy = true
        state.begun += 1
        return .lead(state.begun)
    }

    /// Does the leader's work and lets the others go on.
    private func finish<Result>(
        _ number: UInt64, _ work: () throws(BufferError) -> Result
    ) -> Result? {
        var result: Result?
        do throws(BufferError) {
            result = try work()
            attempts.succeeded()
        } catch {
            giveUp(error)
        }
        let isTracking = result != nil
        state.change { state in
            state.isBusy = false
            state.isTracking = isTracking
            if isTracking { state.done = number }
            return true
        }
        return result
    }

    private func giveUp(_ error: BufferError) {
        if connection.isOpen || state.withLock({ $0.isTracking }) { changed(.everything) }
        connection.close()
        if let news = attempts.failed(error) { refused(news) }
    }

    private func open() throws(BufferError) {
        try attempts.check()
        try connection.open()
    }

    private func ping() throws(BufferError) {
        var isAlive = false
        try connection.exchange(signOfLife) {
            isAlive = $0 == .status("PONG")
        } changed: {
            self.report($0)
        }
        guard isAlive else { throw .unexpectedReply("PING was not answered") }
    }

    /// Asks when each list expires. That it is read makes Redis track it, also while there is none.
    private func readLifetimes(_ queries: [WebhookRequestQuery]) throws(BufferError) -> ListLease {
        var request = RedisRequest()
        for query in queries {
            for event in query.events {
                request.append(
                    "PTTL", WebhookRequestKey(appID: query.appID, event: event, isErrors: query.errorsOnly).text)
            }
        }
        let start = Deadline.now()
        var shortest = ListLease.longest
        var problem: BufferError?
        try connection.exchange(request) { message in
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
        return ListLease(end: Deadline(after: shortest, from: start))
    }

    private func report(_ message: TrackingMessage) {
        guard case .changed(let keys) = message else { return changed(.everything) }
        for key in keys {
            changed(WebhookRequestKey(parsing: key).map { .list($0) } ?? .everything)
        }
    }
}
