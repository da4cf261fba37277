import CCurl
import Glibc
import System

extension Transfer {
    /// What became of the request, after libcurl has ended it with `code`.
    func result(_ code: CURLcode) -> SendResult {
        SendResult(
            outcome: outcome(code), durationMilliseconds: started.millisecondsUntilNow,
            queuedMilliseconds: queuedMilliseconds, address: connectedAddress, timings: timings)
    }

    /// What became of the request when it was given up.
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
        let status = number(CURLINFO_RESPONSE_CODE)
        if status > 0, code == CURLE_OK || (code == CURLE_WRITE_ERROR && collector.isBodyCut) {
            return .answered(
                ReceivedResponse(
                    status: status, body: collector.body, isBodyCut: collector.isBodyCut,
                    retryAfter: collector.retryAfter, errorID: collector.errorID, projectID: collector.projectID))
        }
        let (failure, detail) = failure(code)
        return .failed(failure, detail: detail)
    }

    /// Why the request failed, after libcurl has ended it with `code`, which is no success.
    func failure(_ code: CURLcode) -> (SendFailure, String) {
        if collector.areHeadersTooLong {
            return (.protocol, "the answer's headers are over \(settings.responseHeaderLimit) bytes")
        }
        if code == CURLE_COULDNT_CONNECT, let refusal { return (.blockedAddress, refusal.description) }
        if code == CURLE_COULDNT_CONNECT, socketError != 0 {
            return (.internal, "socket failed: \(String(cString: strerror(socketError)))")
        }
        let isProxied = settings.proxy != nil
        let connectStatus = number(CURLINFO_HTTP_CONNECTCODE)
        if isProxied, connectStatus >= 300 { return (.proxy, "the outgoing proxy answered \(connectStatus)") }
        if code == CURLE_OK { return (.protocol, "the answer has no status") }
        return (SendFailure(code, isProxied: isProxied), String(cString: curl_easy_strerror(code)))
    }

    var connectedAddress: String? {
        var text: UnsafeMutablePointer<CChar>?
        guard hl_curl_get_string(handle, CURLINFO_PRIMARY_IP, &text) == CURLE_OK, let text else { return nil }
        let address = String(cString: text)
        return address.isEmpty ? nil : address
    }

    var timings: PhaseTimings {
        PhaseTimings(
            nameLookup: time(CURLINFO_NAMELOOKUP_TIME_T), connect: time(CURLINFO_CONNECT_TIME_T),
            tls: time(CURLINFO_APPCONNECT_TIME_T), firstByte: time(CURLINFO_STARTTRANSFER_TIME_T))
    }

    private func number(_ info: CURLINFO) -> Int {
        var number = 0
        _ = hl_curl_get_long(handle, info, &number)
        return number
    }

    private func time(_ info: CURLINFO) -> Int64? {
        var microseconds: curl_off_t = 0
        _ = hl_curl_get_offset(handle, info, &microseconds)
        return microseconds > 0 ? Int64(microseconds) : nil
    }
}
