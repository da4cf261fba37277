import CCurl
import System
import WebhookRules

/// Tests the connection to a receiver: lookup, check of the addresses, connection, proxy, TLS. Sends no request.
///
/// Uses the options of the sender's transfers, so that a webhook would get the same result.
package struct ConnectionProbe: Sendable {
    private let settings: SenderSettings

    package init(settings: SenderSettings) {
        self.settings = settings
    }

    /// Tries to connect to the host of a URL; returns within `timeout`, which covers all steps.
    ///
    /// - Parameter timeout: nil = the settings' timeout.
    package func probe(_ url: String, timeout: Duration? = nil) throws(SenderError) -> ProbeReport {
        try settings.checkAuthorities()
        let deadline = MonotonicTime.now().adding(timeout ?? settings.timeout)
        let locale = UTF8Locale()
        defer { locale.leave() }
        let target: WebhookURL
        do {
            target = try WebhookURL(parsing: url)
        } catch {
            return ProbeReport(outcome: .failed(.invalidURL, detail: error.description))
        }
        var report = ProbeReport(outcome: .connected, host: target.host, isSecure: target.isSecure)
        report.isProxied = settings.proxy != nil
        if !report.isProxied { lookUp(target, by: deadline, into: &report) }
        guard report.lookUpProblem == nil else { return report }
        try connect(url, by: deadline, into: &report)
        guard case .failed(.tls, _) = report.outcome else { return report }
        // To show the certificate that was refused.
        report.certificate = try connection(url, isVerified: false, by: deadline).certificate
        return report
    }

    private func lookUp(_ target: WebhookURL, by deadline: MonotonicTime, into report: inout ProbeReport) {
        let addresses: [IPAddress]
        do {
            addresses = try NameResolver.addresses(of: target.host, by: deadline)
        } catch {
            report.lookUpProblem = error.reason
            return report.outcome = .failed(error.isTimeout ? .timeout : .dns, detail: error.reason)
        }
        report.addresses = addresses.map {
            ProbeReport.Address(address: $0, refusal: settings.addresses.refusal(of: $0))
        }
    }

    private func connect(
        _ url: String, by deadline: MonotonicTime, into report: inout ProbeReport
    ) throws(SenderError) {
        let found = try connection(url, isVerified: true, by: deadline)
        report.outcome = found.outcome
        report.connectedAddress = found.address
        report.timings = found.timings
        report.certificate = found.certificate
    }

    private struct Connection {
        var outcome: ProbeReport.Outcome
        var address: String?
        var timings = PhaseTimings()
        var certificate: CertificateFacts?
    }

    /// Opens a connection and closes it.
    private func connection(
        _ url: String, isVerified: Bool, by deadline: MonotonicTime
    ) throws(SenderError) -> Connection {
        let transfer = try Transfer(settings: settings)
        do {
            try transfer.begin(
                url: url, headers: [], body: [], timeout: .milliseconds(max(1, deadline.remainingMilliseconds())))
        } catch {
            return Connection(outcome: .failed(error.failure, detail: error.detail))
        }
        defer { transfer.end() }
        let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        defer { message.deallocate() }
        _ = hl_curl_set_pointer(transfer.handle, CURLOPT_ERRORBUFFER, message)
        defer { _ = hl_curl_set_pointer(transfer.handle, CURLOPT_ERRORBUFFER, nil) }
        _ = hl_curl_set_long(transfer.handle, CURLOPT_CONNECT_ONLY, 1)
        _ = hl_curl_set_long(transfer.handle, CURLOPT_CERTINFO, 1)
        if !isVerified {
            _ = hl_curl_set_long(transfer.handle, CURLOPT_SSL_VERIFYPEER, 0)
            _ = hl_curl_set_long(transfer.handle, CURLOPT_SSL_VERIFYHOST, 0)
        }
        let code = curl_easy_perform(transfer.handle)
        return Connection(
            outcome: outcome(of: transfer, code, message: String(cString: message)),
            address: transfer.connectedAddress, timings: transfer.timings,
            certificate: CertificateFacts(handle: transfer.handle))
    }

    /// libcurl's message says more than its code, and contains neither headers nor passwords.
    private func outcome(of transfer: Transfer, _ code: CURLcode, message: String) -> ProbeReport.Outcome {
        guard code != CURLE_OK else { return .connected }
        let (failure, detail) = transfer.failure(code)
        switch failure {
        case .timeout, .connection, .dns, .tls, .proxy:
            return .failed(failure, detail: message.isEmpty ? detail : message)
        default: return .failed(failure, detail: detail)
        }
    }
}
