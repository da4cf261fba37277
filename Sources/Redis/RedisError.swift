/// Why a Redis call did not give an answer. Every case means that nothing is known about the log's content.
package enum RedisError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No connection to `server` could be made, or the last attempt was too recent to try again.
    case unreachable(server: String, reason: String)
    /// The deadline passed before the answer was complete.
    case timedOut(server: String, milliseconds: Int)
    /// The connection broke in the middle of a call; whether it was carried out is not known.
    case connectionLost(server: String, reason: String)
    /// Redis refused a command (`OOM …`, `WRONGTYPE …`, `LOADING …`, `NOAUTH …`); `key` is what it was about, if known.
    case refused(key: String?, message: String)
    /// Redis answered with something that is not the reply to the command.
    case unexpectedReply(String)

    package var description: String {
        switch self {
        case .unreachable(let server, let reason): "cannot reach Redis at \(server): \(reason)"
        case .timedOut(let server, let milliseconds): "Redis at \(server) did not answer within \(milliseconds) ms"
        case .connectionLost(let server, let reason): "lost the connection to Redis at \(server): \(reason)"
        case .refused(let key?, let message): "Redis refused a command on key \(key): \(message)"
        case .refused(nil, let message): "Redis refused a command: \(message)"
        case .unexpectedReply(let what): "unexpected reply from Redis: \(what)"
        }
    }
}
