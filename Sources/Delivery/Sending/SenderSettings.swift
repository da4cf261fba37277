import Glibc
package import Model
package import System

/// How webhooks are sent.
package struct SenderSettings: Hashable, Sendable {
    /// Deadline of a connection probe that is given none: lookup, connection and TLS together (docs/protocol.md 7.4).
    /// A webhook has its own.
    package var timeout = Duration.seconds(5)
    /// Limit of connecting, and then of each wait for a part of the response, within the deadline; nil = only the
    /// deadline counts. The original has both (docs/protocol.md 7.4).
    package var softTimeout: Duration?
    /// Limit of running requests of all apps.
    package var totalLimit = 256
    /// Limit of running requests of one app.
    package var perAppLimit = 16
    /// Limit of waiting requests of all apps; beyond it `submit` throws.
    package var waitingLimit = 8192
    /// Bytes of a response's body that are read.
    package var responseLimit = 64 << 10
    /// Limit of a response's status line and headers, in bytes; beyond it the attempt fails with `protocol`.
    package var responseHeaderLimit = 64 << 10
    /// Bytes of a response's headers that are kept, in addition to the values that are used; 0 = none.
    package var keptHeaderLimit = 0
    /// Limit of a request's body, in bytes.
    package var requestLimit = 1 << 20
    /// Idle connections that are kept open for reuse, per thread.
    package var keptConnections = 256
    /// How long the address of a name is cached. The address is checked for each connection nevertheless.
    package var nameCacheSeconds = 30
    package var threadCount = 1
    package var userAgent = "hookline (webhooks)"
    /// A file of certificates (PEM) that are trusted in addition to the system's.
    package var extraAuthorities: String?
    /// `http://`, `https://` or `socks5h://` with host, port and, if needed, user and password; nil = none. Environment
    /// variables are never looked at.
    ///
    /// The proxy looks up names and connects: an address written in a URL is still checked here, the address of a name
    /// must be checked by the proxy.
    package var proxy: Secret?
    package var addresses = AddressPolicy()

    package init() {}
}

extension SenderSettings {
    /// Checks that the file of certificates can be read: libcurl would report it only when it connects.
    func checkAuthorities() throws(SenderError) {
        guard let file = extraAuthorities, access(file, R_OK) != 0 else { return }
        throw .unreadable(file: file, reason: String(cString: strerror(errno)))
    }
}

/// Why the sender did not accept a request, or could not start.
package enum SenderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The limit of waiting requests is reached.
    case full(waitingLimit: Int)
    case stopped
    /// A call of the system or of libcurl failed.
    case system(call: String, code: Int32, reason: String)
    case unreadable(file: String, reason: String)

    package var description: String {
        switch self {
        case .full(let limit): "the sender's limit of \(limit) waiting requests is reached"
        case .stopped: "the sender has been stopped"
        case .system(let call, let code, let reason): "\(call) failed (\(code)): \(reason)"
        case .unreadable(let file, let reason): "the certificates in \(file) cannot be read: \(reason)"
        }
    }
}

extension PosixThread {
    /// Starts a thread that receives no signals but those of its own faults: libcurl's TLS library writes to sockets
    /// without `MSG_NOSIGNAL`, and the signals that stop the program belong to another thread.
    static func startJoinable(_ work: @escaping @Sendable () -> Void) throws(SenderError) -> PosixThread {
        do {
            return try PosixThread(blocksSignals: true, work)
        } catch {
            throw .system(call: error.call, code: error.code, reason: String(cString: strerror(error.code)))
        }
    }
}
