/// Why a mail was not taken by the mail server.
package enum MailError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not an address this program can send to: no `@`, a control character, letters outside ASCII.
    case invalidAddress(String)
    case invalidSetting(String)
    case unreachable(server: String, reason: String)
    case timedOut(server: String, milliseconds: Int)
    /// No TLS where it is required, or a certificate that does not verify.
    case tls(server: String, reason: String)
    case loginRefused(server: String)
    /// The server's reply: 4xx for now, 5xx for good. Its words are one line without control characters.
    case refused(server: String, code: Int, words: String)

    /// Whether the server took no mail at all, whoever it is to.
    package var isTheServers: Bool {
        switch self {
        case .unreachable, .timedOut, .tls, .loginRefused, .invalidSetting: true
        // 421: it closes the connection whatever it was asked.
        case .refused(_, let code, _): code == 421
        case .invalidAddress: false
        }
    }

    /// Whether sending the same mail again is in vain.
    package var isPermanent: Bool {
        switch self {
        case .invalidAddress: true
        case .refused(_, let code, _): code >= 500
        case .invalidSetting, .unreachable, .timedOut, .tls, .loginRefused: false
        }
    }

    package var description: String {
        switch self {
        case .invalidAddress(let text): "\"\(text)\" is not a mail address that can be sent to"
        case .invalidSetting(let text): text
        case .unreachable(let server, let reason): "mail server \(server): \(reason)"
        case .timedOut(let server, let milliseconds):
            "mail server \(server) did not take the mail within \(milliseconds) ms"
        case .tls(let server, let reason): "no trusted TLS connection to mail server \(server): \(reason)"
        case .loginRefused(let server): "mail server \(server) refused the user name or password"
        case .refused(let server, let code, let words):
            "mail server \(server) refused the mail: \(code)\(words.isEmpty ? "" : " ")\(words)"
        }
    }
}
