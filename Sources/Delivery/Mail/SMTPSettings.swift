package import Model

/// The mail server.
package struct SMTPSettings: Hashable, Sendable {
    package enum Encryption: String, Hashable, Sendable, CaseIterable {
        /// No encryption: for a relay on this machine.
        case off
        /// STARTTLS where the server offers it; the certificate is verified then.
        case optional
        /// STARTTLS; a server without it is an error.
        case required
        /// TLS from the first byte (port 465).
        case implicit
    }

    package struct Login: Hashable, Sendable {
        package var user: String
        package var password: Secret

        package init(user: String, password: Secret) {
            self.user = user
            self.password = password
        }
    }

    package var host: String
    package var port: UInt16
    package var encryption: Encryption
    package var login: Login?
    /// The name sent with EHLO.
    package var clientName: String
    /// For one mail, from the lookup of the name to the server's last reply.
    package var timeout: Duration
    /// A file of certificates (PEM) that are trusted in addition to the system's.
    package var extraAuthorities: String?

    /// - Throws: when a value is invalid, or there is a password without required encryption.
    package init(
        host: String, port: UInt16 = 25, encryption: Encryption = .required, login: Login? = nil,
        clientName: String = "localhost", timeout: Duration = .seconds(30), extraAuthorities: String? = nil
    ) throws(MailError) {
        guard MailAddress.isDomain(host) || IPAddress(host) != nil else {
            throw .invalidSetting("\"\(host)\" is not the name or address of a mail server")
        }
        guard MailAddress.isDomain(clientName) else {
            throw .invalidSetting("\"\(clientName)\" is not a valid name for EHLO")
        }
        guard login == nil || encryption == .required || encryption == .implicit else {
            throw .invalidSetting("a password is only sent to mail server \(host) with encryption required or implicit")
        }
        self.host = host
        self.port = port
        self.encryption = encryption
        self.login = login
        self.clientName = clientName
        self.timeout = timeout
        self.extraAuthorities = extraAuthorities
    }
}

/// Why a mail could not be sent.
package enum MailError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not a supported address: no `@`, a control character, characters outside ASCII.
    case invalidAddress(String)
    case invalidSetting(String)
    case unreachable(server: String, reason: String)
    case timedOut(server: String, milliseconds: Int)
    /// No TLS where it is required, or a certificate that does not verify.
    case tls(server: String, reason: String)
    case loginRefused(server: String)
    /// The server's reply: 4xx is temporary, 5xx permanent. The reply is one line without control characters.
    case refused(server: String, code: Int, reply: String)

    /// Whether the server accepts no mail at all, regardless of the recipient.
    package var isServerFailure: Bool {
        switch self {
        case .unreachable, .timedOut, .tls, .loginRefused, .invalidSetting: true
        // 421: the service is not available.
        case .refused(_, let code, _): code == 421
        case .invalidAddress: false
        }
    }

    /// Whether sending the same mail again would fail again.
    package var isPermanent: Bool {
        switch self {
        case .invalidAddress: true
        case .refused(_, let code, _): code >= 500
        case .invalidSetting, .unreachable, .timedOut, .tls, .loginRefused: false
        }
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
        case .refused(let server, let code, let reply):
            "mail server \(server) refused the mail: \(code)\(reply.isEmpty ? "" : " ")\(reply)"
        }
    }
}
