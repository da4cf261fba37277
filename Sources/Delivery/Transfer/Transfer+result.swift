import CCurl
import Glibc
import System

extension Transfer {
    /// The result of a request that libcurl has ended with `code`.
    func result(_ code: CURLcode) -> SendResult {
        SendResult(
            outcome: outcome(code), durationMilliseconds: started.millisecondsUntilNow,
            queuedMilliseconds: queuedMilliseconds, address: connectedAddress, timings: timings)
    }

    /// The result of a request that is cancelled.
    func cancelledResult() -> SendResult {
        SendResult(
            outcome: .failed(.cancelled, detail: "the sender was stopped"),
            durationMilliseconds: started.millisecondsUntilNow, queuedMilliseconds: queuedMilliseconds,
            address: connectedAddress, timings: timings)
    }

    private var queuedMilliseconds: Int {
        guard let submitted = job?.submitted else { return 0 }
        return Int(started.microseconds - submitted.microseconds) / 1000
    }

    private func outcome(_ code: CURLcode) -> SendResult.Outcome {
        let status = integer(CURLINFO_RESPONSE_CODE)
        if status > 0, code == CURLE_OK || (code == CURLE_WRITE_ERROR && collector.isBodyCut) {
            return .response(
                ReceivedResponse(
                    status: status, body: collector.body, isBodyCut: collector.isBodyCut,
                    retryAfter: collector.retryAfter, errorID: collector.errorID, projectID: collector.projectID))
        }
        let (failure, detail) = failure(code)
        return .failed(failure, detail: detail)
    }

    /// Why the request failed that libcurl has ended with `code`.
    func failure(_ code: CURLcode) -> (SendFailure, String) {
        if collector.areHeadersTooLong {
            return (.protocol, "the response's headers are larger than \(settings.responseHeaderLimit) bytes")
        }
        if code == CURLE_COULDNT_CONNECT, let refusal { return (.blockedAddress, refusal.description) }
        if code == CURLE_COULDNT_CONNECT, socketError != 0 {
            return (.internal, "socket failed: \(String(cString: strerror(socketError)))")
        }
        let isProxied = settings.proxy != nil
        let connectStatus = integer(CURLINFO_HTTP_CONNECTCODE)
        if isProxied, connectStatus >= 300 { return (.proxy, "the outgoing proxy responded with \(connectStatus)") }
        if code == CURLE_OK { return (.protocol, "the response has no status") }
        return (SendFailure(code, isProxied: isProxied), String(cString: curl_easy_strerror(code)))
    }

    var connectedAddress: String? {
        var pointer: UnsafeMutablePointer<CChar>?
        guard hl_curl_get_string(handle, CURLINFO_PRIMARY_IP, &pointer) == CURLE_OK, let pointer else { return nil }
        let address = String(cString: pointer)
        return address.isEmpty ? nil : address
    }

    var timings: PhaseTimings {
        PhaseTimings(
            nameLookup: time(CURLINFO_NAMELOOKUP_TIME_T), connect: time(CURLINFO_CONNECT_TIME_T),
            tls: time(CURLINFO_APPCONNECT_TIME_T), firstByte: time(CURLINFO_STARTTRANSFER_TIME_T))
    }

    private func integer(_ info: CURLINFO) -> Int {
        var value = 0
        _ = hl_curl_get_long(handle, info, &value)
        return value
    }

    private func time(_ info: CURLINFO) -> Int64? {
        var microseconds: curl_off_t = 0
        _ = hl_curl_get_offset(handle, info, &microseconds)
        return microseconds > 0 ? Int64(microseconds) : nil
    }
}

extension SendFailure {
    /// The failure that libcurl's result code stands for.
    ///
    /// - Parameter isProxied: whether the connection is to the outgoing proxy.
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
