/// What OpenSSL says about a TLS connection that failed, taken from libcurl's message.
///
/// With TLS 1.3 a receiver refuses a missing client certificate only after the handshake: libcurl then reports a failed
/// read, and only its message says that it was an alert of TLS and which one.
struct TLSFailure: Hashable {
    /// For people.
    let detail: String

    /// Nil when the message names no error of the TLS protocol.
    init?(message: String) {
        guard let range = message.firstRange(of: "SSL routines::") else { return nil }
        let reason = String(message[range.upperBound...].prefix { $0 != "," })
        // The other side has closed the connection without saying so: TLS itself did not fail.
        guard !reason.hasPrefix("unexpected eof") else { return nil }
        guard let alert = reason.firstRange(of: " alert ") else {
            detail = "TLS: \(reason)"
            return
        }
        let name = String(reason[alert.upperBound...])
        detail = "the receiver refused the TLS connection: \(name)" + TLSFailure.advice(name)
    }

    /// - Parameter alert: the alert as OpenSSL names it (RFC 8446, 6.2).
    private static func advice(_ alert: String) -> String {
        alert == "certificate required" || alert == "bad certificate"
            ? " (it wants a client certificate, which Hookline does not have)" : ""
    }
}
