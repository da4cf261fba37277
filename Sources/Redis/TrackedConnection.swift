import CHiredis
import Glibc
import System

/// A connection on which Redis tells what has changed of the keys that were read on it.
///
/// Unchecked because the tracker gives it to one thread at a time.
///
/// Reads and writes block, with time-outs of the socket's own: asking for a sign of life is two system calls. A reply
/// that comes late, or in pieces, is waited for by `poll`, for what is left of the time.
package final class TrackedConnection: @unchecked Sendable {
    /// What Redis lists the connection as.
    static let name = "hookline-cache"
    /// The socket's receive time-out: many times a round trip. Longer waits use `poll`.
    private static let shortWait = Duration.milliseconds(5)

    /// The time that one or more exchanges have together.
    package struct TimeLimit {
        let duration: Duration
        let deadline: MonotonicTime

        /// - Parameter duration: from now.
        init(_ duration: Duration) {
            self.duration = duration
            deadline = MonotonicTime.now().adding(duration)
        }
    }

    private let connection: RedisConnection
    private let connectTimeout: Duration
    private let replyTimeout: Duration
    private var input: [UInt8] = []

    /// - Parameters:
    ///   - connectTimeout: for the connection and what is said first.
    ///   - replyTimeout: for all replies to one request.
    package init(endpoint: RedisEndpoint, connectTimeout: Duration, replyTimeout: Duration) {
        connection = RedisConnection(endpoint: endpoint, connectTimeout: connectTimeout, commandTimeout: connectTimeout)
        self.connectTimeout = connectTimeout
        self.replyTimeout = replyTimeout
        input.reserveCapacity(1024)
    }

    package var isOpen: Bool { connection.context != nil }

    package func close() {
        connection.close()
        input.removeAll(keepingCapacity: true)
    }

    /// Makes a new connection and has Redis track what is read on it; throws `refused` when it will not. Returns the time
    /// that is left for what else is said first.
    package func open() throws(RedisError) -> TimeLimit {
        close()
        let limit = TimeLimit(connectTimeout)
        try connection.connect(by: limit.deadline)
        setTimeouts()
        var request = RedisRequest()
        request.append("HELLO", "3", "SETNAME", Self.name)
        request.append("CLIENT", "TRACKING", "ON")
        do throws(RedisError) {
            var refusal: String?
            try exchange(request, within: limit) { message in
                if case .error(let text) = message, refusal == nil { refusal = text }
            } changed: { _ in
            }
            if let refusal { throw .refused(key: nil, message: refusal) }
        } catch {
            close()
            throw error
        }
        return limit
    }

    /// Sends commands and waits for all replies; tells in their order of the replies and of changes that come before or
    /// between them. Changes that come behind the last reply are told of by the next call.
    ///
    /// After an error the connection is of no use any more.
    ///
    /// - Parameter given: nil = the reply timeout from now.
    package func exchange(
        _ request: borrowing RedisRequest, within given: TimeLimit? = nil,
        reply: (TrackingMessage) -> Void, changed: (TrackingMessage) -> Void
    ) throws(RedisError) {
        let limit = given ?? TimeLimit(replyTimeout)
        // The socket's time-out is for the first wait only, and when nothing of the limit was used.
        var needsPoll = given != nil
        try send(request.bytes, within: limit)
        var missing = request.commandCount
        var position = 0
        while true {
            while missing > 0, let (message, end) = try nextMessage(at: position) {
                position = end
                switch message {
                case .changed, .changedEverything: changed(message)
                case .notice: break
                default:
                    missing -= 1
                    reply(message)
                }
            }
            if missing == 0 { break }
            if needsPoll { try waitForInput(within: limit) }
            try receive(within: limit)
            needsPoll = true
        }
        input.removeFirst(position)
    }

    private func nextMessage(at position: Int) throws(RedisError) -> (TrackingMessage, end: Int)? {
        guard position < input.count else { return nil }
        do throws(ReplyError) {
            return try TrackingParser.message(in: input, at: position)
        } catch {
            switch error {
            case .malformed(let what), .tooLarge(let what): throw .unexpectedReply(what)
            }
        }
    }

    private func send(_ bytes: [UInt8], within limit: TimeLimit) throws(RedisError) {
        guard let descriptor = connection.context?.pointee.fd else { throw lost("not connected") }
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[sent...])
                return Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno != EINTR {
                throw errno == EAGAIN ? timedOut(limit) : lost("send: \(systemErrorText(errno))")
            }
        }
    }

    private func waitForInput(within limit: TimeLimit) throws(RedisError) {
        guard let descriptor = connection.context?.pointee.fd else { throw lost("not connected") }
        while true {
            let rest = limit.deadline.remainingMilliseconds()
            guard rest > 0 else { throw timedOut(limit) }
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = poll(&entry, 1, rest)
            if count > 0 { return }
            if count < 0, errno != EINTR { throw lost("poll: \(systemErrorText(errno))") }
        }
    }

    /// Takes what has come; nothing when the socket's time-out is over first.
    private func receive(within limit: TimeLimit) throws(RedisError) {
        guard let descriptor = connection.context?.pointee.fd else { throw lost("not connected") }
        var failure: Int32 = 0
        // So much fits on the stack, and nearly every reply is shorter.
        let count = withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { space in
            let count = recv(descriptor, space.baseAddress, space.count, 0)
            if count > 0 { input.append(contentsOf: space.prefix(count)) }
            failure = errno
            return count
        }
        if count == 0 { throw lost("closed by the server") }
        guard count > 0 || failure == EINTR || failure == EAGAIN else {
            throw lost("receive: \(systemErrorText(failure))")
        }
        // A server that never pauses must not outlast the deadline either.
        guard limit.deadline.remainingMilliseconds() > 0 else { throw timedOut(limit) }
    }

    private func setTimeouts() {
        guard let descriptor = connection.context?.pointee.fd else { return }
        setTimeout(SO_RCVTIMEO, min(replyTimeout, Self.shortWait), of: descriptor)
        setTimeout(SO_SNDTIMEO, replyTimeout, of: descriptor)
    }

    private func setTimeout(_ option: Int32, _ duration: Duration, of descriptor: Int32) {
        let microseconds = duration.microseconds
        var limit = timeval(tv_sec: Int(microseconds / 1_000_000), tv_usec: Int(microseconds % 1_000_000))
        setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    private func timedOut(_ limit: TimeLimit) -> RedisError {
        .timedOut(server: connection.endpoint.server, milliseconds: limit.duration.milliseconds)
    }

    private func lost(_ reason: String) -> RedisError {
        .connectionLost(server: connection.endpoint.server, reason: reason)
    }
}
