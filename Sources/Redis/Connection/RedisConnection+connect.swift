import CHiredis
import Glibc
import Model
package import System

extension RedisConnection {
    /// Makes a new connection, unless the last attempt failed too recently.
    ///
    /// - Parameter deadline: the connect timeout may end the attempt earlier.
    package func connect(by deadline: MonotonicTime) throws(RedisError) {
        close()
        let now = MonotonicTime.now()
        let wait = backoff.waitMilliseconds(at: now)
        guard wait == 0 else {
            let reason = "\(backoff.reason); the next attempt is due in \(wait) ms"
            throw isRefused
                ? .refused(key: nil, message: reason) : .unreachable(server: endpoint.server, reason: reason)
        }
        let limit = min(deadline, now.adding(connectTimeout))
        // Before the connection is made: a change meanwhile counts.
        generation = state?.generation ?? 0
        do {
            try open(by: limit)
            try authenticate(by: limit)
            backoff.recordSuccess()
            if hasConnected { counts.countReconnect() }
            hasConnected = true
        } catch {
            close()
            let end = MonotonicTime.now()
            backoff.recordFailure(error.reason, at: end)
            isRefused = if case .refused = error { true } else { false }
            // Not where little time was left for it.
            if end >= limit, limit == now.adding(connectTimeout) { noteTimeout(after: connectTimeout) }
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
            throw .unreachable(server: endpoint.server, reason: errorMessage(of: made))
        }
        _ = fcntl(made.pointee.fd, F_SETFD, FD_CLOEXEC)
        try setReceiveTimeout(on: made.pointee.fd)
    }

    /// Sets the socket's receive timeout; without it `recv` would wait forever.
    private func setReceiveTimeout(on descriptor: Int32) throws(RedisError) {
        var limit = timeval(tv_sec: 0, tv_usec: Int(receiveMilliseconds) * 1000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size) == 0 else {
            throw .unreachable(server: endpoint.server, reason: "setsockopt: \(systemErrorText(errno))")
        }
    }

    /// Sends `AUTH` and `SELECT`, each only if needed.
    private func authenticate(by deadline: MonotonicTime) throws(RedisError) {
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
        } catch {
            throw error.redisError(server: endpoint.server, timeout: min(connectTimeout, commandTimeout))
        }
        if let message = reply.firstErrorMessage { throw .refused(key: nil, message: message) }
    }

    private func errorMessage(of context: UnsafeMutablePointer<redisContext>) -> String {
        withUnsafeBytes(of: context.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

/// When the next attempt to connect may be made after a failure, so that an unreachable Redis costs a request next to
/// nothing instead of a timeout. Pure: the time comes in as a parameter.
package struct ReconnectBackoff {
    /// The pause after the first failure; each further one doubles it up to `longest`.
    let shortest: Duration
    let longest: Duration
    private var pause = Duration.zero
    private var notBefore = MonotonicTime(microseconds: .min)
    /// Why the last attempt failed.
    private(set) var reason = ""

    package init(shortest: Duration = .milliseconds(50), longest: Duration = .seconds(1)) {
        self.shortest = shortest
        self.longest = longest
    }

    /// Milliseconds until the next attempt may be made; 0: now.
    package func waitMilliseconds(at now: MonotonicTime) -> Int {
        notBefore > now ? Int(notBefore.remainingMilliseconds(at: now)) : 0
    }

    package mutating func recordFailure(_ reason: String, at now: MonotonicTime) {
        pause = pause == .zero ? shortest : min(pause * 2, longest)
        notBefore = now.adding(pause)
        self.reason = reason
    }

    package mutating func recordSuccess() {
        pause = .zero
        notBefore = MonotonicTime(microseconds: .min)
        reason = ""
    }
}
