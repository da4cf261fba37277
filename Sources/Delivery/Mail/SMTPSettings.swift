package import Model

/// The mail server that mails are handed to.
package struct SMTPSettings: Hashable, Sendable {
    package enum Encryption: String, Hashable, Sendable, CaseIterable {
        /// Never: for a relay on this machine.
        case off
        /// STARTTLS where the server offers it; its certificate is verified even then.
        case optional
        /// STARTTLS, or no mail.
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
    /// How this program introduces itself.
    package var clientName: String
    /// For one mail, from the look-up of the name to the server's last word.
    package var timeout: Duration
    /// A file of certificates (PEM) that are trusted beside the system's.
    package var extraAuthorities: String?

    /// - Throws: what is wrong; a password without certain encryption is refused.
    package init(
        host: String, port: UInt16 = 25, encryption: Encryption = .required, login: Login? = nil,
        clientName: String = "localhost", timeout: Duration = .seconds(30), extraAuthorities: String? = nil
    ) throws(MailError) {
        guard MailAddress.isDomain(host) || IPAddress(host) != nil else {
            throw .invalidSetting("\"\(host)\" is not the name or address of a mail server")
        }
        guard MailAddress.isDomain(clientName) else {
            throw .invalidSetting("\"\(clientName)\" is not a name to introduce a mail client by")
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
