import CCurl
import Glibc
import Model
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
        let target: ConnectionTarget
        do {
            target = try ConnectionTarget(parsing: url)
        } catch {
            return ProbeReport(outcome: .failed(.invalidURL, detail: error.reason))
        }
        var report = ProbeReport(outcome: .connected, host: target.host, isSecure: target.url.isSecure)
        report.isProxied = settings.proxy != nil
        if !report.isProxied { lookUp(target, by: deadline, into: &report) }
        guard report.lookUpProblem == nil else { return report }
        try connect(url, by: deadline, into: &report)
        guard case .failed(.tls, _) = report.outcome else { return report }
        // To show the certificate that was refused.
        report.certificate = try connection(url, isVerified: false, by: deadline).certificate
        return report
    }

    private func lookUp(_ target: ConnectionTarget, by deadline: MonotonicTime, into report: inout ProbeReport) {
        let addresses: [IPAddress]
        do {
            addresses =
                if let address = target.address { [address] } else {
                    try NameResolver.addresses(of: target.host, by: deadline)
                }
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
        _ = hl_curl_set_long(transfer.handle, CURLOPT_CONNECT_ONLY, 1)
        _ = hl_curl_set_long(transfer.handle, CURLOPT_CERTINFO, 1)
        if !isVerified {
            _ = hl_curl_set_long(transfer.handle, CURLOPT_SSL_VERIFYPEER, 0)
            _ = hl_curl_set_long(transfer.handle, CURLOPT_SSL_VERIFYHOST, 0)
        }
        var code = curl_easy_perform(transfer.handle)
        if code == CURLE_OK, isVerified, transfer.isSecure { code = afterHandshake(transfer, by: deadline) }
        return Connection(
            outcome: outcome(of: transfer, code), address: transfer.connectedAddress, timings: transfer.timings,
            certificate: CertificateFacts(handle: transfer.handle))
    }

    /// Waits for what the receiver says after the handshake: with TLS 1.3 it refuses a missing client certificate only
    /// then. A receiver that has sent something else that is not data, as a session ticket, has accepted the
    /// connection; one that says nothing for a few round trips waits for the request.
    private func afterHandshake(_ transfer: Transfer, by deadline: MonotonicTime) -> CURLcode {
        let timings = transfer.timings
        let roundTrip = (timings.tls ?? 0) - (timings.connect ?? 0)
        let patience = Duration.microseconds(min(2_000_000, max(300_000, 3 * roundTrip)))
        let end = min(deadline, MonotonicTime.now().adding(patience))
        var descriptor: curl_socket_t = -1
        guard hl_curl_get_socket(transfer.handle, &descriptor) == CURLE_OK, descriptor >= 0 else { return CURLE_OK }
        let first = received(transfer)
        guard first == CURLE_AGAIN else { return first }
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&wanted, 1, Int32(max(0, end.remainingMilliseconds()))) == 1 else { return CURLE_OK }
        let second = received(transfer)
        return second == CURLE_AGAIN ? CURLE_OK : second
    }

    /// The result of a read that does not wait: `CURLE_AGAIN` when there are no data.
    private func received(_ transfer: Transfer) -> CURLcode {
        var byte: UInt8 = 0
        var count = 0
        return curl_easy_recv(transfer.handle, &byte, 1, &count)
    }

    private func outcome(of transfer: Transfer, _ code: CURLcode) -> ProbeReport.Outcome {
        guard code != CURLE_OK else { return .connected }
        let (failure, detail) = transfer.failure(code)
        // A person who asks is told the times and names that the log, whose texts are constant, leaves out.
        switch failure {
        case .timeout, .connection, .dns, .proxy:
            return .failed(failure, detail: transfer.message.isEmpty ? detail : transfer.message)
        case .tls, .blockedAddress, .bodyTooLarge, .invalidURL, .invalidHeader, .protocol, .cancelled, .leaseLost,
            .breakerOpen,
            .internal:
            return .failed(failure, detail: detail)
        }
    }
}
