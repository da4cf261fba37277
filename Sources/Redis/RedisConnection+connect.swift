import CHiredis
import Glibc
import Model
package import System

extension RedisConnection {
    /// Makes a new connection, unless the last attempt failed too recently.
    package func connect(by deadline: MonotonicTime) throws(RedisError) {
        close()
        let now = MonotonicTime.now()
        let wait = backoff.waitMilliseconds(at: now)
        guard wait == 0 else {
            throw .unreachable(
                server: endpoint.server, reason: "\(backoff.reason); the next attempt is due in \(wait) ms")
        }
        do {
            let limit = min(deadline, now.adding(connectTimeout))
            try open(by: limit)
            try introduce(by: limit)
            backoff.recordSuccess()
            if hasConnected { counts.countReconnect() }
            hasConnected = true
        } catch {
            close()
            backoff.recordFailure(error.reason, at: MonotonicTime.now())
            throw error
        }
    }

    private func open(by deadline: MonotonicTime) throws(RedisError) {
        let milliseconds = deadline.remainingMilliseconds()
        let limit = timeval(tv_sec: Int(milliseconds / 1000), tv_usec: Int(milliseconds % 1000) * 1000)
        let made =
            switch endpoint.address {
            case .tcp(let host, let port): redisConnectWithTimeout(host, Int32(port), limit)
            case .unix(let path): redisConnectUnixWithTimeout(path, limit)
            }
        guard let made else { throw .unreachable(server: endpoint.server, reason: "out of memory") }
        context = made
        guard made.pointee.err == 0 else {
            throw .unreachable(server: endpoint.server, reason: errorText(of: made))
        }
        _ = fcntl(made.pointee.fd, F_SETFD, FD_CLOEXEC)
        try limitReceiving(on: made.pointee.fd)
    }

    /// Without this limit, `receive` never ends where nothing comes.
    private func limitReceiving(on descriptor: Int32) throws(RedisError) {
        var limit = timeval(tv_sec: 0, tv_usec: Int(Self.receiveMilliseconds) * 1000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size) == 0 else {
            throw .unreachable(server: endpoint.server, reason: "setsockopt: \(systemErrorText(errno))")
        }
    }

    /// `AUTH` and `SELECT`, each only if needed.
    private func introduce(by deadline: MonotonicTime) throws(RedisError) {
        var request = RedisRequest()
        if let password = endpoint.password {
            if let user = endpoint.user {
                request.append("AUTH", user, password.exposed)
            } else {
                request.append("AUTH", password.exposed)
            }
        }
        if endpoint.database != 0 { request.append("SELECT", String(endpoint.database)) }
        guard request.commandCount > 0 else { return }
        do {
            try exchange(request, by: deadline)
        } catch .timedOut {
            let milliseconds = min(connectTimeout, commandTimeout).milliseconds
            throw .timedOut(server: endpoint.server, milliseconds: milliseconds)
        } catch {
            throw error.bufferError(self)
        }
        if let message = reply.firstErrorMessage { throw .refused(key: nil, message: message) }
    }

    private func errorText(of context: UnsafeMutablePointer<redisContext>) -> String {
        withUnsafeBytes(of: context.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

extension RedisError {
    /// What happened, without the server's name.
    package var reason: String {
        switch self {
        case .unreachable(_, let reason), .connectionLost(_, let reason): reason
        case .timedOut(_, let milliseconds): "no answer within \(milliseconds) ms"
        case .refused(_, let message): message
        case .unexpectedReply(let what): what
        }
    }
}
