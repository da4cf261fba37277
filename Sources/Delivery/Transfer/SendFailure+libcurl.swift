import CCurl

/// How far a request had come when libcurl ended it: the same result code is another's fault at another time.
package struct TransferProgress: Hashable, Sendable {
    /// The part of the way that an outgoing proxy has.
    package enum Proxy: Hashable, Sendable {
        case none
        /// The proxy only forwards bytes: SOCKS, or a tunnel that is open.
        case transparent
        /// The tunnel (`CONNECT`) to the receiver is not open yet.
        case openingTunnel
        /// The proxy is the HTTP server that responds, since the URL is http.
        case forwarding
    }

    package var proxy: Proxy
    /// Whether a connection was made, to the proxy where there is one.
    package var isConnected: Bool
    /// Whether the request was sent and the receiver has begun to respond, or has closed the connection.
    package var isAnswered: Bool
    /// Whether a line of the response has arrived.
    package var hasResponse: Bool
    /// What libcurl says beside its code; empty = nothing.
    package var message: String

    package init(
        proxy: Proxy = .none, isConnected: Bool = true, isAnswered: Bool = true, hasResponse: Bool = true,
        message: String = ""
    ) {
        self.proxy = proxy
        self.isConnected = isConnected
        self.isAnswered = isAnswered
        self.hasResponse = hasResponse
        self.message = message
    }
}

/// The decision table of libcurl's result codes: whose fault the end of a request is (docs/delivery.md has the same
/// table for operators).
extension SendFailure {
    /// The failure that a result code other than `CURLE_OK` stands for.
    ///
    /// - Parameter code: `CURLcode`.
    package init(libcurlCode code: UInt32, progress: TransferProgress) {
        var failure = SendFailure.usual(CURLcode(code))
        if failure == .internal, progress.isAnswered, SendFailure.isLimitOfLibcurl(CURLcode(code)) {
            failure = .protocol
        }
        if failure == .connection, SendFailure.isInvalidHTTP(progress.message) { failure = .protocol }
        if failure == .connection, TLSFailure(message: progress.message) != nil { failure = .tls }
        self = SendFailure.isOfProxy(failure, progress) ? .proxy : failure
    }

    /// What a code stands for without a proxy.
    private static func usual(_ code: CURLcode) -> SendFailure {
        switch code {
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_COULDNT_RESOLVE_HOST: .dns
        case CURLE_COULDNT_CONNECT, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE,
            CURLE_QUIC_CONNECT_ERROR:
            .connection
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxy
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT,
            CURLE_SSL_SHUTDOWN_FAILED:
            .tls
        case CURLE_URL_MALFORMAT: .invalidURL
        // The scheme of the URL was checked: it is the response's protocol that libcurl does not know.
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_HTTP3,
            CURLE_HTTP_RETURNED_ERROR, CURLE_WRITE_ERROR, CURLE_BAD_CONTENT_ENCODING, CURLE_FILESIZE_EXCEEDED,
            CURLE_TOO_MANY_REDIRECTS, CURLE_RANGE_ERROR:
            .protocol
        // The sender's settings, files and resources.
        case CURLE_FAILED_INIT, CURLE_NOT_BUILT_IN, CURLE_READ_ERROR, CURLE_OUT_OF_MEMORY, CURLE_HTTP_POST_ERROR,
            CURLE_BAD_DOWNLOAD_RESUME, CURLE_FUNCTION_NOT_FOUND, CURLE_ABORTED_BY_CALLBACK,
            CURLE_BAD_FUNCTION_ARGUMENT, CURLE_INTERFACE_FAILED, CURLE_UNKNOWN_OPTION, CURLE_SETOPT_OPTION_SYNTAX,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SEND_FAIL_REWIND,
            CURLE_UPLOAD_FAILED, CURLE_AGAIN, CURLE_NO_CONNECTION_AVAILABLE, CURLE_RECURSIVE_API_CALL,
            CURLE_AUTH_ERROR, CURLE_UNRECOVERABLE_POLL, CURLE_USE_SSL_FAILED, CURLE_LOGIN_DENIED:
            .internal
        // Codes of other protocols, obsolete ones, and those of a newer libcurl.
        default: .internal
        }
    }

    /// Whether libcurl ends a response with this code that is over one of its own limits (a line of 100 kB), or that
    /// it does not expect (a first header that begins with a space). A newer libcurl has new codes for such.
    private static func isLimitOfLibcurl(_ code: CURLcode) -> Bool {
        code == CURLE_OUT_OF_MEMORY || code == CURLE_BAD_FUNCTION_ARGUMENT || code.rawValue >= CURL_LAST.rawValue
    }

    /// Whether the message of a failed read is about what was read: libcurl has no code of their own for errors of the
    /// chunked encoding, of trailers, and for headers over its limit.
    private static func isInvalidHTTP(_ message: String) -> Bool {
        message.hasSuffix("in chunked-encoding") || message.hasPrefix("Too large response headers")
    }

    /// Whether only the outgoing proxy can have caused the failure.
    private static func isOfProxy(_ failure: SendFailure, _ progress: TransferProgress) -> Bool {
        guard progress.proxy != .none else { return false }
        switch failure {
        case .timeout, .connection:
            if !progress.isConnected { return true }
            let isServer = progress.proxy == .openingTunnel || progress.proxy == .forwarding && !progress.hasResponse
            return failure == .connection && isServer
        // With a forwarding proxy no other server speaks TLS.
        case .tls: return progress.proxy == .openingTunnel || progress.proxy == .forwarding
        case .protocol: return progress.proxy == .openingTunnel
        case .dns, .blockedAddress, .bodyTooLarge, .invalidURL, .invalidHeader, .proxy, .cancelled, .leaseLost,
            .breakerOpen,
            .internal:
            return false
        }
    }
}
