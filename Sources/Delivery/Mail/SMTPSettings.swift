package import Model
import System

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
