import Buffer
import Handlers
import Model
import ProgramSupport
import Redis
package import System

/// One thread's entry on the status board. The thread writes it, a status request reads it: the lock is rarely
/// contended.
package final class ThreadSlot: Sendable {
    /// What the slot holds.
    struct State: Sendable {
        /// Its duration is that of the last request; see `requestStart`.
        var thread: ThreadStatus
        /// When the current request's first byte arrived; nil = there is no request.
        var requestStart: MonotonicTime?
        var requests = RequestCounts()
        var slowRequestCount: Int64 = 0
        var redis = RedisCounts()
        var skippedElementCount: Int64 = 0
    }

    private let state: Lock<State>
    private let activity: ThreadActivity

    init(activity: ThreadActivity, startedAt: Timestamp) {
        self.activity = activity
        state = Lock(State(thread: ThreadStatus(startedAt: startedAt)))
    }

    /// Assigns the slot to the calling thread.
    package func occupy() {
        state.withLock { state in
            state.thread.threadID = ThreadID.current
            state.thread.startedAt = .now()
        }
    }

    /// A request begins to arrive.
    ///
    /// - Parameter start: when its first byte arrived.
    package func read(since start: MonotonicTime) {
        activity.begin()
        state.withLock { state in
            state.thread.state = .reading
            state.requestStart = start
        }
    }

    /// A request has been received and is processed.
    func run(_ request: Request) {
        state.withLock { state in
            state.thread.state = .running
            state.thread.requestCount += 1
            state.thread.method = request.method
            state.thread.path = request.path.text
            state.thread.user = request.remoteUser
            state.thread.contentLength = request.bodyByteCount
        }
    }

    /// The response is complete and is sent.
    func end(user: String?) {
        state.withLock { state in
            state.thread.state = .ending
            state.thread.user = user
        }
    }

    /// The response has been sent: counts the request.
    ///
    /// - Parameter redis: the errors and reconnects of the thread's connection so far.
    func count(_ record: RequestRecord, isSlow: Bool, redis: RedisCounts) {
        let key = RequestCounts.Key(
            route: record.response.route, method: MethodLabel(record.request.method), status: record.response.status)
        state.withLock { state in
            state.requests.record(key, microseconds: record.phases.total)
            state.thread.lastPhases = record.phases
            state.thread.requestMicroseconds = record.phases.total
            if isSlow { state.slowRequestCount += 1 }
            state.skippedElementCount += Int64(record.response.skippedElements)
            state.redis = redis
        }
    }

    /// The thread waits for its next request.
    package func becomeIdle() {
        state.withLock { state in
            state.thread.state = .idle
            state.requestStart = nil
        }
        activity.end()
    }

    /// The current state, with the current request's duration until now.
    var snapshot: State {
        var copy = state.withLock { $0 }
        if let start = copy.requestStart { copy.thread.requestMicroseconds = max(0, start.microsecondsUntilNow) }
        return copy
    }
}
