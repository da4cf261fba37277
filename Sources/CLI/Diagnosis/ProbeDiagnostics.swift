import Delivery
import Model
import System
import WebhookRules

/// The diagnostics of a connection probe: lookup, addresses, connection, certificate.
enum ProbeDiagnostics {
    static func diagnostics(_ report: ProbeReport) -> [Diagnostic] {
        if case .failed(.invalidURL, let detail) = report.outcome { return [.problem("webhook URL", detail)] }
        if case .failed(.internal, let detail) = report.outcome { return [.problem("connection", detail)] }
        return lookUp(report) + connection(report) + tls(report)
    }

    private static func lookUp(_ report: ProbeReport) -> [Diagnostic] {
        let host = report.host ?? "the host"
        if report.isProxied {
            return [.note("addresses", "the proxy (HOOKLINE_PROXY) resolves \(host) and connects to it")]
        }
        if let problem = report.lookUpProblem {
            return [
                .problem("DNS", "\(host) has no address: \(problem). Check the name and this machine's name servers")
            ]
        }
        let list = report.addresses.map(\.address.description).joined(separator: ", ")
        let refused = report.addresses.compactMap(\.refusal)
        let found = Diagnostic.ok("DNS", list == host ? "\(host) is an address" : "\(host) is at \(list)")
        guard !refused.isEmpty else { return [found, .ok("addresses", "all allowed")] }
        let reasons = refused.map(\.description).joined(separator: "; ")
        let text = "\(reasons). To allow it, add its network to HOOKLINE_ALLOWED_NETWORKS"
        // Addresses are tried one after the other; a blocked one is skipped.
        return [found, refused.count < report.addresses.count ? .note("addresses", text) : .problem("addresses", text)]
    }

    private static func connection(_ report: ProbeReport) -> [Diagnostic] {
        let address = report.connectedAddress ?? report.host ?? "the host"
        switch report.outcome {
        case .connected, .failed(.tls, _):
            let milliseconds = (report.timings.connect ?? 0) / 1000
            return [.ok("connection", "\(address) accepts connections (\(milliseconds) ms)")]
        case .failed(.dns, _) where report.lookUpProblem != nil: return []
        case .failed(.timeout, _) where report.lookUpProblem != nil: return []
        // In the diagnostic about the addresses already, except for an address in the URL with a proxy.
        case .failed(.blockedAddress, let detail): return report.isProxied ? [.problem("addresses", detail)] : []
        case .failed(.proxy, let detail):
            return [.problem("proxy", "\(detail). Check HOOKLINE_PROXY and the proxy itself")]
        case .failed(.timeout, let detail):
            return [.problem("connection", "no connection in time: \(detail). A firewall that drops packets?")]
        case .failed(_, let detail):
            return [.problem("connection", "\(detail). Is the receiver running, and is this its port?")]
        }
    }

    private static func tls(_ report: ProbeReport) -> [Diagnostic] {
        guard report.isSecure else {
            switch report.outcome {
            case .connected: return [.note("TLS", "the URL is http: bodies are sent unencrypted")]
            default: return []
            }
        }
        switch report.outcome {
        case .connected: return [.ok("TLS", "the certificate is valid\(about(report.certificate))")]
        case .failed(.tls, let detail):
            return [.problem("TLS", detail + about(report.certificate) + advice(detail))]
        default: return []
        }
    }

    private static func about(_ certificate: CertificateFacts?) -> String {
        guard let certificate else { return "" }
        var parts: [String] = []
        if let names = certificate.names ?? certificate.subject { parts.append("for \(names)") }
        if let issuer = certificate.issuer { parts.append("by \(issuer)") }
        if let end = certificate.validUntil { parts.append("until \(end)") }
        return parts.isEmpty ? "" : " (" + parts.joined(separator: ", ") + ")"
    }

    private static func advice(_ detail: String) -> String {
        let text = detail.lowercased()
        if text.contains("issuer") || text.contains("self-signed") || text.contains("self signed") {
            return ". If you trust its authority, set HOOKLINE_CA_FILE to a file with its certificate; or the "
                + "receiver does not send an intermediate certificate"
        }
        if text.contains("expired") { return ". The receiver needs a new certificate" }
        if text.contains("subject name") { return ". The URL's host must be one of the certificate's names" }
        return ""
    }
}
