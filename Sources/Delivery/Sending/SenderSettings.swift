import Glibc
package import Model

/// How webhooks are sent.
package struct SenderSettings: Hashable, Sendable {
    /// For everything together, when a request names no time-out of its own (contract 7.4: 5 s).
    package var timeout = Duration.seconds(5)
    /// Requests on their way at the same time, all apps together.
    package var totalLimit = 256
    /// Requests on their way at the same time to one app.
    package var perAppLimit = 16
    /// Requests that may wait for their turn, all apps together; beyond it `submit` refuses.
    package var waitingLimit = 8192
    /// Bytes of an answer's body that are read.
    package var responseLimit = 64 << 10
    /// Bytes of status line and headers of an answer; beyond it the attempt fails with `protocol`.
    package var responseHeaderLimit = 64 << 10
    /// Bytes of a request's body.
    package var requestLimit = 1 << 20
    /// Open connections that are kept for later requests, per thread.
    package var keptConnections = 256
    /// How long an address of a name is remembered. The check of the address is made for each connection anyway.
    package var nameCacheSeconds = 30
    package var threadCount = 1
    package var userAgent = "hookline (webhooks)"
    /// A file of certificates (PEM) that are trusted beside the system's.
    package var extraAuthorities: String?
    /// `http://`, `https://` or `socks5h://` with host, port and, if needed, user and password; nil = none. Environment
    /// variables are never looked at.
    ///
    /// With a proxy it is the proxy that looks up names and connects: an address written in a URL is still checked here,
    /// one behind a name must be refused by the proxy.
    package var proxy: Secret?
    package var addresses = AddressPolicy()

    package init() {}
}

extension SenderSettings {
    /// Makes sure that the file of certificates can be read: libcurl would say so only when it connects.
    func checkAuthorities() throws(SenderError) {
        guard let file = extraAuthorities, access(file, R_OK) != 0 else { return }
        throw .unreadable(file: file, reason: String(cString: strerror(errno)))
    }
}
