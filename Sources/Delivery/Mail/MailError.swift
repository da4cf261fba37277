/// Why a mail could not be sent.
package enum MailError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the server's reply is about.
    package enum Subject: Hashable, Sendable {
        /// The connection, the login or the sender: the greeting, EHLO or MAIL FROM was refused.
        case sender
        case recipient
        /// DATA, or the mail itself.
        case message
    }

    /// Not a supported address: no `@`, a control character, characters outside ASCII.
    case invalidAddress(String)
    case invalidSetting(String)
    case unreachable(server: String, reason: String)
    case timedOut(server: String, milliseconds: Int)
    /// No TLS where it is required, or a certificate that does not verify.
    case tls(server: String, reason: String)
    case loginRefused(server: String)
    /// The server's reply: 4xx is temporary, 5xx permanent. The reply is one line without control characters.
    case refused(Subject, server: String, code: Int, reply: String)

    /// Codes that ask the sender for a login or for TLS, whichever command they reply to (RFC 4954, 6; RFC 3207, 4).
    private static let senderCodes = [530, 534, 535, 538]
    /// The message is larger than the server takes (RFC 1870, 6.1): said at MAIL FROM, which announces the size.
    private static let tooLarge = 552

    /// Whether the server accepts no mail at all, regardless of the recipient.
    package var isServerFailure: Bool {
        switch self {
        case .unreachable, .timedOut, .tls, .loginRefused, .invalidSetting: true
        // 421: the service is not available.
        case .refused(let subject, _, let code, _):
            code == 421 || code >= 500 && MailError.subject(subject, code) == .sender
        case .invalidAddress: false
        }
    }

    /// Whether sending the same mail again would fail again: its recipient or the mail itself was refused for good.
    package var isPermanent: Bool {
        switch self {
        case .invalidAddress: true
        case .refused(let subject, _, let code, _): code >= 500 && MailError.subject(subject, code) != .sender
        case .invalidSetting, .unreachable, .timedOut, .tls, .loginRefused: false
        }
    }

    private static func subject(_ subject: Subject, _ code: Int) -> Subject {
        if senderCodes.contains(code) { return .sender }
        return subject == .sender && code == tooLarge ? .message : subject
    }

    package var description: String {
        switch self {
        case .invalidAddress(let text): "\"\(text)\" is not a supported mail address"
        case .invalidSetting(let text): text
        case .unreachable(let server, let reason): "mail server \(server): \(reason)"
        case .timedOut(let server, let milliseconds):
            "mail server \(server) did not accept the mail within \(milliseconds) ms"
        case .tls(let server, let reason): "no trusted TLS connection to mail server \(server): \(reason)"
        case .loginRefused(let server): "mail server \(server) refused the user name or password"
        case .refused(let subject, let server, let code, let reply):
            "mail server \(server) refused \(MailError.name(MailError.subject(subject, code))): \(code)"
                + (reply.isEmpty ? "" : " " + reply) + MailError.advice(code)
        }
    }

    private static func name(_ subject: Subject) -> String {
        switch subject {
        case .sender: "the sender"
        case .recipient, .message: "the mail"
        }
    }

    private static func advice(_ code: Int) -> String {
        senderCodes.contains(code)
            ? " (it wants a login or TLS: set user and password in HOOKLINE_SMTP, and HOOKLINE_SMTP_TLS)" : ""
    }
}
