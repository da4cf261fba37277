import Buffer
import Handlers
import Model
import ProgramSupport
import Redis
import System

/// One thread's entry on the status board. The thread writes it, a status request reads it: the lock is rarely
/// contended.
final class ThreadSlot: Sendable {
    /// What the slot holds.
    struct State: Sendable {
        /// Its duration is that of the last request; see `requestStart`.
        var thread: ThreadStatus
        /// When the current request's first byte was there; nil = there is none.
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

    /// The calling thread is the slot's from here on.
    func occupy() {
        state.withLock { state in
            state.thread.threadID = ThreadID.current
            state.thread.startedAt = .now()
        }
    }

    /// A connection has something to read.
    func read(since start: MonotonicTime) {
        activity.begin()
        state.withLock { state in
            state.thread.state = .reading
            state.requestStart = start
        }
    }

    /// A request is there and is going to be answered.
    func run(_ request: Request) {
        state.withLock { state in
            state.thread.state = .running
            state.thread.requestCount += 1
            state.thread.method = request.method
            state.thread.path = request.path.text
            state.thread.user = request.remoteUser
            state.thread.contentLength = request.body.count
        }
    }

    /// The answer is there and is going to be sent.
    func end(user: String?) {
        state.withLock { state in
            state.thread.state = .ending
            state.thread.user = user
        }
    }

    /// The answer is sent.
    ///
    /// - Parameter redis: everything that went wrong on the thread's connection so far.
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

    /// Nothing to do any more.
    func rest() {
        state.withLock { state in
            state.thread.state = .idle
            state.requestStart = nil
        }
        activity.end()
    }

    /// What the slot holds, the current request's duration until now included.
    var snapshot: State {
        var copy = state.withLock { $0 }
        if let start = copy.requestStart { copy.thread.requestMicroseconds = max(0, start.microsecondsUntilNow) }
        return copy
    }
}
