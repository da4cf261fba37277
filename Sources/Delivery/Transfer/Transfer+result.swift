import CCurl
import Glibc
import Model
import System
import WebhookRules

extension Transfer {
    /// The result of a request that libcurl has ended with `code`.
    func result(_ code: CURLcode) -> SendResult {
        var result = SendResult(
            outcome: outcome(code), durationMilliseconds: started.millisecondsUntilNow,
            queuedMilliseconds: queuedMilliseconds, address: connectedAddress, timings: timings)
        // libcurl does not say which of its two limits it was. That of connecting ends with the connection, and that of
        // the whole attempt is never early, but for the moment between its clock's start and this one's.
        if settings.softTimeout != nil, result.failure == .timeout, time(CURLINFO_PRETRANSFER_TIME_T) == nil,
            let limit = job?.webhook.timeout
        {
            result.isSoftTimeout = result.durationMilliseconds + 50 < limit.milliseconds
        }
        return result
    }

    /// The result of a request that is cancelled.
    func cancelledResult() -> SendResult {
        SendResult(
            outcome: .failed(.cancelled, detail: "the sender was stopped"),
            durationMilliseconds: started.millisecondsUntilNow, queuedMilliseconds: queuedMilliseconds,
            address: connectedAddress, timings: timings)
    }

    /// Whether nothing was received for longer than `limit` since the connection was open, or since the last part.
    func isSilent(longerThan limit: Duration, at now: MonotonicTime) -> Bool {
        guard let connected = time(CURLINFO_PRETRANSFER_TIME_T) else { return false }
        let start = max(lastReceived?.microseconds ?? 0, started.microseconds + connected)
        return now.microseconds - start > limit.microseconds
    }

    /// The result of a request whose response does not come, or does not go on.
    func silentResult(after limit: Duration) -> SendResult {
        SendResult(
            outcome: .failed(.timeout, detail: "nothing was received for \(limit.milliseconds) ms"),
            durationMilliseconds: started.millisecondsUntilNow, queuedMilliseconds: queuedMilliseconds,
            address: connectedAddress, timings: timings, isSoftTimeout: true)
    }

    private var queuedMilliseconds: Int {
        guard let submitted = job?.submitted else { return 0 }
        return Int(started.microseconds - submitted.microseconds) / 1000
    }

    private func outcome(_ code: CURLcode) -> SendResult.Outcome {
        let status = integer(CURLINFO_RESPONSE_CODE)
        let isEnded = code == CURLE_OK || (code == CURLE_WRITE_ERROR && collector.isBodyCut)
        guard isEnded, status > 0, collector.problem == nil, collector.isHeadComplete else {
            let (failure, detail) = failure(code)
            return .failed(failure, detail: detail)
        }
        if proxyPart == .forwarding, Transfer.proxyStatuses.contains(status) { return proxyOutcome(status) }
        return .response(
            ReceivedResponse(
                status: status, body: collector.body, isBodyCut: collector.isBodyCut,
                retryAfter: collector.retryAfter, errorID: collector.errorID, projectID: collector.projectID,
                headerLines: collector.headerLines))
    }

    /// Statuses that a server which the proxy forwards to never sends: 407, the proxy wants a login (RFC 9110,
    /// 15.5.8), and 511, a network wants one (RFC 6585, 6).
    private static let proxyStatuses = [407, 511]

    private func proxyOutcome(_ status: Int) -> SendResult.Outcome {
        .failed(.proxy, detail: "the outgoing proxy responded with \(status)")
    }

    /// Why the request failed that libcurl has ended with `code`, also with `CURLE_OK`.
    func failure(_ code: CURLcode) -> (SendFailure, String) {
        if let problem = collector.problem { return (.protocol, problem.description) }
        if code == CURLE_COULDNT_CONNECT, let refusal { return (.blockedAddress, refusal.description) }
        if code == CURLE_COULDNT_CONNECT, socketError != 0 {
            return (.internal, "socket failed: \(String(cString: strerror(socketError)))")
        }
        let connectStatus = integer(CURLINFO_HTTP_CONNECTCODE)
        if settings.proxy != nil, connectStatus >= 300 {
            return (.proxy, "the outgoing proxy responded with \(connectStatus)")
        }
        if code == CURLE_OK {
            return collector.isHeadComplete
                ? (.protocol, "the response has no status")
                : (.connection, "the connection was closed inside the response's headers")
        }
        let failure = SendFailure(libcurlCode: code.rawValue, progress: progress)
        return (failure, detail(failure, code))
    }

    /// libcurl's message where it says more than its code and is the same each time.
    private func detail(_ failure: SendFailure, _ code: CURLcode) -> String {
        let message = message
        let usual = String(cString: curl_easy_strerror(code))
        if failure == .protocol,
            code == CURLE_OUT_OF_MEMORY || code == CURLE_BAD_FUNCTION_ARGUMENT || message.hasPrefix("Out of memory")
        {
            return "the response has a header or trailer that libcurl does not take: too long, or not valid"
        }
        guard !message.isEmpty, code != CURLE_COULDNT_CONNECT else { return usual }
        switch failure {
        case .tls: return TLSFailure(message: message)?.detail ?? message
        case .connection, .protocol, .proxy: return message
        case .timeout, .dns, .blockedAddress, .bodyTooLarge, .invalidURL, .invalidHeader, .cancelled, .leaseLost,
            .breakerOpen,
            .internal:
            return usual
        }
    }

    private var progress: TransferProgress {
        TransferProgress(
            proxy: proxyPart, isConnected: time(CURLINFO_CONNECT_TIME_T) != nil || integer(CURLINFO_NUM_CONNECTS) == 0,
            isAnswered: time(CURLINFO_STARTTRANSFER_TIME_T) != nil, hasResponse: collector.hasBegun, message: message)
    }

    private var proxyPart: TransferProgress.Proxy {
        guard let proxy = settings.proxy else { return .none }
        guard proxy.exposed.hasPrefix("http") else { return .transparent }
        guard isSecure else { return .forwarding }
        // A connection that is used again has its tunnel.
        let isOpen =
            (200..<300).contains(integer(CURLINFO_HTTP_CONNECTCODE)) || time(CURLINFO_PRETRANSFER_TIME_T) != nil
        return isOpen ? .transparent : .openingTunnel
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
