import CHiredis
import Glibc
import System

/// Why commands were not answered completely.
enum ExchangeFailure: Error {
    case timedOut
    /// The other side is gone, before or after the answer began.
    case lost(reason: String, isBeforeAnswer: Bool)
    case reply(ReplyError)

    /// Whether nothing of an answer was read: what an idle connection that the server closed looks like.
    var isBeforeAnswer: Bool {
        if case .lost(_, true) = self { true } else { false }
    }

    func bufferError(_ connection: RedisConnection) -> RedisError {
        let server = connection.endpoint.server
        return switch self {
        case .timedOut: .timedOut(server: server, milliseconds: connection.callTimeout.milliseconds)
        case .lost(let reason, _): .connectionLost(server: server, reason: reason)
        case .reply(.malformed(let what)), .reply(.tooLarge(let what)): .unexpectedReply(what)
        }
    }
}

extension RedisConnection {
    /// Sends a block of commands and reads the answers to all of them.
    func exchange(_ request: borrowing RedisRequest, by deadline: MonotonicTime) throws(ExchangeFailure) {
        guard let descriptor = context?.pointee.fd else {
            throw .lost(reason: "not connected", isBeforeAnswer: true)
        }
        reply.begin(replies: request.commandCount)
        try send(request.bytes, to: descriptor, by: deadline)
        while try !isAnswerComplete() {
            try receive(from: descriptor, by: deadline)
        }
    }

    private func isAnswerComplete() throws(ExchangeFailure) -> Bool {
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
                let rest = UnsafeRawBufferPointer(rebasing: buffer[sent...])
                return Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(for: POLLOUT, on: descriptor, by: deadline)
            } else if errno != EINTR {
                throw .lost(reason: "send: \(systemErrorText(errno))", isBeforeAnswer: true)
            }
        }
    }

    /// How long one `recv` waits by itself. An answer comes within it, so that one call is both the waiting and the
    /// receiving of a piece; who has less time left, or waited in vain, waits for the deadline in `poll`.
    static let receiveMilliseconds: Int32 = 50

    private func receive(from descriptor: Int32, by deadline: MonotonicTime) throws(ExchangeFailure) {
        while true {
            let flags = deadline.remainingMilliseconds() > Self.receiveMilliseconds ? 0 : Int32(MSG_DONTWAIT)
            var failure: Int32 = 0
            var isClosed = false
            let isBeforeAnswer = reply.isUntouched
            let count = reply.receive { (space) -> Int in
                let count = recv(descriptor, space.baseAddress, space.count, flags)
                if count < 0 { failure = errno }
                isClosed = count == 0
                return max(0, count)
            }
            // A server that never pauses must not outlast the deadline either.
            if count > 0, deadline.remainingMilliseconds() > 0 { return }
            if count > 0 { throw .timedOut }
            if isClosed { throw .lost(reason: closingReason, isBeforeAnswer: isBeforeAnswer) }
            if failure == EAGAIN {
                try wait(for: POLLIN, on: descriptor, by: deadline)
            } else if failure != EINTR {
                throw .lost(reason: "receive: \(systemErrorText(failure))", isBeforeAnswer: isBeforeAnswer)
            }
        }
    }

    /// What a server that refuses a connection says before it closes it, if it does.
    private var closingReason: String {
        "closed by the server" + (reply.firstErrorMessage.map { ": " + $0 } ?? "")
    }

    private func wait(for events: Int32, on descriptor: Int32, by deadline: MonotonicTime) throws(ExchangeFailure) {
        while true {
            let milliseconds = deadline.remainingMilliseconds()
            guard milliseconds > 0 else { throw .timedOut }
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let count = poll(&entry, 1, milliseconds)
            if count > 0 { return }
            if count < 0, errno != EINTR {
                throw .lost(reason: "poll: \(systemErrorText(errno))", isBeforeAnswer: false)
            }
        }
    }
}

/// What an `errno` means.
func systemErrorText(_ code: Int32) -> String {
    String(cString: strerror(code))
}
