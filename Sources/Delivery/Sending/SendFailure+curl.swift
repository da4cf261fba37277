import CCurl

extension SendFailure {
    /// What libcurl's result code means for a webhook.
    ///
    /// - Parameter isProxied: whether the connection is one to the outgoing proxy.
    init(_ code: CURLcode, isProxied: Bool) {
        switch code {
        case CURLE_OPERATION_TIMEDOUT: self = .timeout
        case CURLE_COULDNT_RESOLVE_HOST: self = .dns
        case CURLE_COULDNT_CONNECT: self = isProxied ? .proxy : .connection
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: self = .proxy
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE: self = .connection
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_SSL_CERTPROBLEM:
            self = .tls
        case CURLE_URL_MALFORMAT: self = .invalidURL
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_WRITE_ERROR, CURLE_HTTP2,
            CURLE_HTTP_RETURNED_ERROR, CURLE_BAD_CONTENT_ENCODING:
            self = .protocol
        default: self = .internal
        }
    }
}
