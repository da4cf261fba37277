import CHiredis
import Glibc
import System

/// A connection to one Redis: made when it is first needed, made anew when it broke. One object serves one thread.
///
/// hiredis resolves and connects; requests go out as one prebuilt block and answers are read from the connection's
/// descriptor by `ReplyReader`, because hiredis makes an object of every entry (`make bench` shows a peer that uses them).
/// `AUTH` and `SELECT` go the same way, because hiredis' time-outs count from call to call and not to one deadline.
/// Names are resolved by the system, which knows no deadline: give an address, or a name from the hosts file.
///
/// A connection is used again only after a complete answer, error replies included. After anything else - a time-out,
/// a break, bytes that are no answer - it is closed, because what comes next could belong to another question.
package final class RedisConnection {
    package let endpoint: RedisEndpoint
    let connectTimeout: Duration
    let commandTimeout: Duration
    /// What the call in progress may take: the command timeout and what Redis itself was asked to wait.
    private(set) var callTimeout: Duration
    var backoff = ReconnectBackoff()
    var context: UnsafeMutablePointer<redisContext>?
    /// The answer to the last request.
    package var reply: ReplyReader

    /// Monotonic time spent in calls so far, in microseconds; the difference of two readings is one request's share.
    package private(set) var elapsedMicroseconds: Int64 = 0
    /// What went wrong so far.
    package internal(set) var counts = RedisCounts()
    /// Whether there ever was a connection.
    var hasConnected = false

    /// - Parameters:
    ///   - connectTimeout: for the connection, `AUTH` and `SELECT`.
    ///   - commandTimeout: for a whole call, a connection it has to make included.
    package init(
        endpoint: RedisEndpoint, connectTimeout: Duration = .milliseconds(500),
        commandTimeout: Duration = .seconds(1), limits: ReplyLimits = ReplyLimits()
    ) {
        self.endpoint = endpoint
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
        callTimeout = commandTimeout
        reply = ReplyReader(limits: limits)
    }

    deinit {
        close()
    }

    /// Asks Redis for a sign of life.
    package func ping() throws(RedisError) {
        var request = RedisRequest()
        request.append("PING")
        try perform(request, isRepeatable: true)
        if let message = reply.firstErrorMessage { throw .refused(key: nil, message: message) }
    }

    /// Sends commands and waits for all their answers, which then stand in `reply`; error replies are answers.
    ///
    /// - Parameters:
    ///   - isRepeatable: the commands only read, so that they may be sent again when an old connection is closed at the
    ///     very moment of sending.
    ///   - serverWait: how long Redis is asked to wait by the commands themselves (`BLOCK`); comes on top of the
    ///     command timeout.
    package func perform(
        _ request: borrowing RedisRequest, isRepeatable: Bool, serverWait: Duration = .zero
    ) throws(RedisError) {
        do {
            try carryOut(request, isRepeatable: isRepeatable, serverWait: serverWait)
        } catch {
            counts.count(error)
            throw error
        }
        if reply.hasErrors, let message = reply.firstErrorMessage { counts.count(errorReply: message) }
    }

    private func carryOut(
        _ request: borrowing RedisRequest, isRepeatable: Bool, serverWait: Duration
    ) throws(RedisError) {
        let start = MonotonicTime.now()
        defer { elapsedMicroseconds += start.microsecondsUntilNow }
        callTimeout = commandTimeout + serverWait
        let deadline = start.adding(callTimeout)
        let isReused = !isStale
        if !isReused { try connect(by: deadline) }
        do {
            try exchange(request, by: deadline)
        } catch {
            close()
            guard isReused, isRepeatable, error.isBeforeAnswer else { throw error.bufferError(self) }
            try connect(by: deadline)
            do {
                try exchange(request, by: deadline)
            } catch {
                close()
                throw error.bufferError(self)
            }
        }
    }

    /// Whether there is no connection, or an idle one of no use: closed by the other side, or with bytes that nobody
    /// asked for.
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

extension ReplyReader {
    /// The text of the first error reply.
    package var firstErrorMessage: String? {
        tokens.first { $0.kind == .error }.map(text)
    }
}
