import CHiredis
import Glibc
import System

/// A connection to one Redis, made when it is first needed and again after it was lost. One object serves one thread.
///
/// hiredis resolves the name and connects; requests are sent as one prebuilt block and `ReplyReader` reads the replies
/// from the connection's descriptor, because hiredis allocates an object for each element (`make bench` has a peer that
/// uses them). `AUTH` and `SELECT` go the same way, because hiredis' timeouts are per call and not one deadline. The
/// system resolves names without a deadline: use an address, or a name from the hosts file.
///
/// A connection is used again only after a complete reply, error replies included. After anything else - a timeout, a
/// lost connection, bytes that are no reply - it is closed, because what comes next could belong to another request.
package final class RedisConnection {
    package let endpoint: RedisEndpoint
    let connectTimeout: Duration
    let commandTimeout: Duration
    /// How long one `recv` waits by itself, in milliseconds: the socket's receive timeout.
    let receiveMilliseconds: Int32
    /// Time limit of the current call: the command timeout and the time that Redis itself was asked to wait.
    private(set) var callTimeout: Duration
    var backoff = ReconnectBackoff()
    /// Whether Redis refused the last attempt to connect; otherwise it could not be reached.
    var isRefused = false
    private var redials = RedialSchedule()
    /// What the process knows of this Redis; nil where nothing is shared.
    let state: RedisServerState?
    /// The state's when the connection was made.
    var generation = 0
    var context: UnsafeMutablePointer<redisContext>?
    /// The replies to the last request.
    package var reply: ReplyReader

    /// Monotonic time spent in calls so far, in microseconds; the difference of two readings is one request's share.
    ///
    /// Read several times by each request: without Swift's check for overlapping access, since nothing changes it while
    /// it is read.
    @exclusivity(unchecked) package private(set) var elapsedMicroseconds: Int64 = 0
    /// How long the last call took; at first as if it had taken long.
    private var lastMicroseconds = Int64.max
    /// When the last call ended, in microseconds of monotonic time.
    private var lastEnd: Int64 = 0
    /// Errors and reconnects so far. Unchecked as `elapsedMicroseconds`.
    @exclusivity(unchecked) package internal(set) var counts = RedisCounts()
    /// Whether a connection was made before.
    var hasConnected = false

    /// - Parameters:
    ///   - connectTimeout: for the connection, `AUTH` and `SELECT`.
    ///   - commandTimeout: for a whole call, including a connection it has to make.
    ///   - state: shared by the connections of the process, if a `RedisMonitor` keeps it up to date.
    package convenience init(
        endpoint: RedisEndpoint, connectTimeout: Duration = .milliseconds(500),
        commandTimeout: Duration = .seconds(1), limits: ReplyLimits = ReplyLimits(), state: RedisServerState? = nil
    ) {
        self.init(
            endpoint: endpoint, connectTimeout: connectTimeout, commandTimeout: commandTimeout,
            receiveTimeout: .milliseconds(50), reply: ReplyReader(limits: limits), state: state)
    }

    init(
        endpoint: RedisEndpoint, connectTimeout: Duration, commandTimeout: Duration, receiveTimeout: Duration,
        reply: ReplyReader, state: RedisServerState?
    ) {
        self.state = state
        self.endpoint = endpoint
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
        receiveMilliseconds = Int32(clamping: receiveTimeout.milliseconds)
        callTimeout = commandTimeout
        self.reply = reply
    }

    deinit {
        close()
    }

    /// Checks that Redis responds.
    package func ping() throws(RedisError) {
        var request = RedisRequest()
        request.append("PING")
        try perform(request, isRepeatable: true)
        if let message = reply.firstErrorMessage { throw .refused(key: nil, message: message) }
    }

    /// Sends commands and waits for all replies, which are then in `reply`; error replies are replies.
    ///
    /// - Parameters:
    ///   - isRepeatable: the commands only read, so that they may be sent again when an idle connection is closed at
    ///     the moment of sending.
    ///   - serverWait: how long the commands themselves ask Redis to wait (`BLOCK`); added to the command timeout.
    package func perform(
        _ request: borrowing RedisRequest, isRepeatable: Bool, serverWait: Duration = .zero
    ) throws(RedisError) {
        do {
            try ThreadWait.announce(expected: lastMicroseconds) { () throws(RedisError) in
                try performUncounted(request, isRepeatable: isRepeatable, serverWait: serverWait)
            }
        } catch {
            counts.count(error)
            if case .timedOut = error { noteTimeout(after: callTimeout) }
            throw error
        }
        state?.noteReply(at: lastEnd)
        if reply.hasErrors, let message = reply.firstErrorMessage { note(errorReply: message) }
    }

    /// Notes that Redis was given `timeout` until now without a complete reply.
    func noteTimeout(after timeout: Duration) {
        let milliseconds = Int64(timeout.milliseconds)
        state?.noteTimeout(
            since: MonotonicTime(microseconds: MonotonicTime.now().microseconds - milliseconds * 1000),
            milliseconds: milliseconds)
    }

    /// Counts an error reply. After one of a server that is not the master the connection is replaced, with back-off.
    private func note(errorReply message: String) {
        counts.count(errorReply: message)
        guard WrongServer.isNamed(by: message) else { return }
        if redials.noteRefusal(message, at: .now()) { close() }
        state?.requestProbe()
    }

    private func performUncounted(
        _ request: borrowing RedisRequest, isRepeatable: Bool, serverWait: Duration
    ) throws(RedisError) {
        let start = MonotonicTime.now()
        defer {
            lastMicroseconds = start.microsecondsUntilNow
            elapsedMicroseconds += lastMicroseconds
            lastEnd = start.microseconds + lastMicroseconds
        }
        callTimeout = commandTimeout + serverWait
        let deadline = start.adding(callTimeout)
        if let state {
            if let reason = state.refusal(at: start) { throw .unreachable(server: endpoint.server, reason: reason) }
            if state.generation != generation { close() }
        }
        let isReused = !isStale
        if !isReused { try connect(by: deadline) }
        do {
            try exchange(request, by: deadline, at: isReused ? start : .now())
        } catch {
            close()
            guard isReused, isRepeatable, error.isBeforeReply else { throw redisError(error, since: start) }
            try connect(by: deadline)
            do {
                try exchange(request, by: deadline)
            } catch {
                close()
                throw redisError(error, since: start)
            }
        }
    }

    private func redisError(_ failure: ExchangeFailure, since start: MonotonicTime) -> RedisError {
        failure.redisError(
            server: endpoint.server, timeout: callTimeout, elapsed: .microseconds(start.microsecondsUntilNow))
    }

    /// Whether there is no connection, or an idle one that cannot be used: closed by the other side, or with bytes that
    /// no request asked for.
    private var isStale: Bool {
        guard let descriptor = context?.pointee.fd else { return true }
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return !(count < 0 && errno == EAGAIN)
    }

    package func close() {
        if let context { redisFree(context) }
        context = nil
    }
}
