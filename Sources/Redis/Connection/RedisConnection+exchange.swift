import CHiredis
import Glibc
import System

/// Why an exchange ended before all replies were complete.
enum ExchangeFailure: Error {
    case timedOut
    /// Ended before its deadline, because waiting longer is of no use.
    case gaveUp
    /// The other side has closed the connection, before or after the first byte of a reply.
    case lost(reason: String, isBeforeReply: Bool)
    case reply(ReplyError)

    /// Whether no byte of a reply was read: what a call on an idle connection that the server closed looks like.
    var isBeforeReply: Bool {
        if case .lost(_, true) = self { true } else { false }
    }

    /// - Parameters:
    ///   - timeout: what the exchange had.
    ///   - elapsed: how long the call took.
    func redisError(server: String, timeout: Duration, elapsed: Duration? = nil) -> RedisError {
        switch self {
        case .gaveUp: .timedOut(server: server, milliseconds: (elapsed ?? timeout).milliseconds)
        case .timedOut: .timedOut(server: server, milliseconds: timeout.milliseconds)
        case .lost(let reason, _): .connectionLost(server: server, reason: reason)
        case .reply(.malformed(let what)), .reply(.tooLarge(let what)): .unexpectedReply(what)
        }
    }
}

extension RedisConnection {
    /// After this long, in milliseconds, a waiting call looks whether Redis is known to be silent.
    private static let waitSlice: Int32 = 100

    /// Sends commands in one block and reads the replies to all of them into `reply`: two system calls where Redis
    /// responds within `receiveMilliseconds`.
    ///
    /// - Parameter now: the current time, where the caller has it.
    func exchange(
        _ request: borrowing RedisRequest, by deadline: MonotonicTime, at now: MonotonicTime = .now()
    ) throws(ExchangeFailure) {
        guard let descriptor = context?.pointee.fd else {
            throw .lost(reason: "not connected", isBeforeReply: true)
        }
        reply.begin(replies: request.commandCount)
        try send(request.bytes, to: descriptor, by: deadline)
        var remaining = deadline.remainingMilliseconds(at: now)
        while true {
            try receive(from: descriptor, by: deadline, isBlocking: remaining > receiveMilliseconds)
            if try isReplyComplete() { return }
            // A server that never pauses must not outlast the deadline either.
            remaining = deadline.remainingMilliseconds()
            guard remaining > 0 else { throw .timedOut }
        }
    }

    private func isReplyComplete() throws(ExchangeFailure) -> Bool {
        do {
            return try reply.advance()
        } catch {
            throw .reply(error)
        }
    }

    private func send(_ bytes: [UInt8], to descriptor: Int32, by deadline: MonotonicTime) throws(ExchangeFailure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let unsent = UnsafeRawBufferPointer(rebasing: buffer[sent...])
                return Glibc.send(descriptor, unsent.baseAddress, unsent.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(for: POLLOUT, on: descriptor, by: deadline)
            } else if errno != EINTR {
                throw .lost(reason: "send: \(systemErrorText(errno))", isBeforeReply: true)
            }
        }
    }

    /// Reads what has arrived. One `recv` both waits and receives, up to the socket's own timeout
    /// (`receiveMilliseconds`); after that, and where less time is left, `poll` waits for the deadline.
    private func receive(
        from descriptor: Int32, by deadline: MonotonicTime, isBlocking: Bool
    ) throws(ExchangeFailure) {
        var flags = isBlocking ? 0 : Int32(MSG_DONTWAIT)
        while true {
            var failure: Int32 = 0
            var isClosed = false
            let isBeforeReply = reply.isEmpty
            let count = reply.receive { (space) -> Int in
                let count = recv(descriptor, space.baseAddress, space.count, flags)
                if count < 0 { failure = errno }
                isClosed = count == 0
                return max(0, count)
            }
            if count > 0 { return }
            if isClosed { throw .lost(reason: closingReason, isBeforeReply: isBeforeReply) }
            if failure == EAGAIN {
                try wait(for: POLLIN, on: descriptor, by: deadline)
                flags = Int32(MSG_DONTWAIT)
            } else if failure != EINTR {
                throw .lost(reason: "receive: \(systemErrorText(failure))", isBeforeReply: isBeforeReply)
            }
        }
    }

    /// A server that refuses a connection may say why before it closes it.
    private var closingReason: String {
        "closed by the server" + (reply.firstErrorMessage.map { ": " + $0 } ?? "")
    }

    private func wait(for events: Int32, on descriptor: Int32, by deadline: MonotonicTime) throws(ExchangeFailure) {
        state?.beginWait()
        defer { state?.endWait() }
        while true {
            let now = MonotonicTime.now()
            let milliseconds = deadline.remainingMilliseconds(at: now)
            guard milliseconds > 0 else { throw .timedOut }
            if let state, state.shouldStopWaiting(at: now) { throw .gaveUp }
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let slice = state == nil ? milliseconds : min(milliseconds, Self.waitSlice)
            let count = ThreadWait.announce { poll(&entry, 1, slice) }
            if count > 0 { return }
            if count < 0, errno != EINTR {
                throw .lost(reason: "poll: \(systemErrorText(errno))", isBeforeReply: false)
            }
        }
    }
}

/// The system's description of an `errno`.
func systemErrorText(_ code: Int32) -> String {
    String(cString: strerror(code))
}
