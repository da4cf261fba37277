import Glibc
package import System

/// A message on a tracked connection, in the order received.
package enum TrackingMessage: Hashable {
    case status(String)
    case error(String)
    case integer(Int64)
    /// A reply of another kind.
    case value
    /// These keys have changed.
    case changed([[UInt8]])
    /// All keys may have changed.
    case changedEverything
}

/// A connection on which Redis reports changes of the keys that were read on it (RESP 3 and `CLIENT TRACKING`).
package final class TrackedConnection {
    /// The connection's name in `CLIENT LIST`.
    static let name = "hookline-cache"
    /// How long `recv` waits by itself, many times a usual round trip; `poll` waits longer.
    package static let shortWait = Duration.milliseconds(5)
    /// An invalidation of `FLUSHALL` or of one command with thousands of keys fits; the memory for usual replies is
    /// small.
    private static let limits = ReplyLimits(
        maximumElementBytes: 1 << 20, maximumReplyBytes: 16 << 20, retainedBytes: 4096, receiveBytes: 1024)

    private let connection: RedisConnection
    private let connectTimeout: Duration
    private let replyTimeout: Duration

    /// - Parameters:
    ///   - connectTimeout: for the connection and the first commands on it.
    ///   - replyTimeout: for all replies to one request.
    package init(
        endpoint: RedisEndpoint, connectTimeout: Duration, replyTimeout: Duration, state: RedisServerState? = nil
    ) {
        connection = RedisConnection(
            endpoint: endpoint, connectTimeout: connectTimeout, commandTimeout: connectTimeout,
            receiveTimeout: min(replyTimeout, Self.shortWait),
            reply: ReplyReader(limits: Self.limits, protocolVersion: .resp3), state: state)
        self.connectTimeout = connectTimeout
        self.replyTimeout = replyTimeout
    }

    package var isOpen: Bool { connection.context != nil }

    /// Throws when the connection must not be used: Redis is known not to respond, or the process has reason to
    /// believe that the connection leads to a server that is not the master.
    ///
    /// - Parameter now: the current time.
    package func check(at now: MonotonicTime) throws(RedisError) {
        guard let state = connection.state else { return }
        if let reason = state.refusal(at: now) {
            throw .unreachable(server: connection.endpoint.server, reason: reason)
        }
        guard isOpen, state.generation != connection.generation else { return }
        throw .connectionLost(
            server: connection.endpoint.server, reason: "the server may not be the master any more")
    }

    /// The first error among the replies to the last request.
    package var errorReply: String? { connection.reply.firstErrorMessage }

    package func close() {
        connection.close()
        connection.reply.reset()
    }

    /// Makes a new connection and makes Redis track what is read on it; throws `refused` when Redis refuses.
    ///
    /// - Returns: the deadline for further commands that belong to the set-up.
    package func open() throws(RedisError) -> MonotonicTime {
        close()
        let deadline = MonotonicTime.now().adding(connectTimeout)
        try connection.connect(by: deadline)
        var request = RedisRequest()
        request.append("HELLO", "3", "SETNAME", Self.name)
        request.append("CLIENT", "TRACKING", "ON")
        do throws(RedisError) {
            try exchange(request, by: deadline) { _ in
            } changed: { _ in
            }
            if let message = connection.reply.firstErrorMessage { throw .refused(key: nil, message: message) }
        } catch {
            close()
            throw error
        }
        return deadline
    }

    /// Sends commands, waits for all replies, and reports them and the changes that came before or between them, in
    /// order. Changes behind the last reply are reported by the next call.
    ///
    /// After an error the connection must be closed.
    ///
    /// - Parameter deadline: nil: the reply timeout from now.
    package func exchange(
        _ request: borrowing RedisRequest, by deadline: MonotonicTime? = nil,
        reply: (TrackingMessage) -> Void, changed: (TrackingMessage) -> Void
    ) throws(RedisError) {
        do throws(ExchangeFailure) {
            let now = MonotonicTime.now()
            try connection.exchange(request, by: deadline ?? now.adding(replyTimeout), at: now)
        } catch {
            throw error.redisError(
                server: connection.endpoint.server, timeout: deadline == nil ? replyTimeout : connectTimeout)
        }
        try connection.reply.forEachMessage(reply: reply, changed: changed)
    }
}

extension ReplyReader {
    /// Reports replies and invalidations in order.
    func forEachMessage(
        reply: (TrackingMessage) -> Void, changed: (TrackingMessage) -> Void
    ) throws(RedisError) {
        let tokens = tokens
        var index = 0
        while index < tokens.count {
            if tokens[index].kind == .push {
                if let message = try invalidation(at: index) { changed(message) }
            } else {
                reply(message(at: index))
            }
            index = tokens.endOfValue(at: index)
        }
    }

    /// The reply that begins with this token.
    private func message(at index: Int) -> TrackingMessage {
        let token = tokens[index]
        return switch token.kind {
        case .status: .status(text(of: token))
        case .error: .error(text(of: token))
        case .integer: .integer(Int64(parseDecimal(bytes.span, token.range) ?? 0))
        default: .value
        }
    }

    /// What the push that begins with this token says: the name `invalidate` and either the keys or null. Nil for
    /// another notification.
    private func invalidation(at index: Int) throws(RedisError) -> TrackingMessage? {
        guard tokens[index].elementCount == 2, tokens[index + 1].kind == .bulk,
            bytes[tokens[index + 1].range].elementsEqual("invalidate".utf8)
        else { return nil }
        let list = tokens[index + 2]
        switch list.kind {
        case .null: return .changedEverything
        case .array:
            let keys = tokens[(index + 3)...].prefix(list.elementCount)
            guard keys.allSatisfy({ $0.kind == .bulk }) else {
                throw .unexpectedReply("an invalidated key is not a string")
            }
            return .changed(keys.map { Array(bytes[$0.range]) })
        default: throw .unexpectedReply("an invalidation without keys")
        }
    }
}
