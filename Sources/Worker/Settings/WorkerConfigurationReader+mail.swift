import Delivery
import ProgramSupport

extension WorkerConfigurationReader {
    /// How owners are told; nil when no mail server is set, or, with an error, when something is wrong.
    ///
    /// The other settings are looked at even without a mail server: a slip in them shall not wait for the day it is set.
    mutating func mail() -> MailSettings? {
        let encryption = encryption()
        let sender = mailSender()
        guard let url = reader.serverURL(.smtp, schemes: ["smtp", "smtps"]) else { return nil }
        let server = server(url, encryption, introducedAs: sender?.domain)
        for setting in [Setting.mailFrom, .platformURL] where reader.text(setting) == nil {
            reader.report(.refused(setting: setting.variable, reason: "must be set where HOOKLINE_SMTP is"))
        }
        let templates = reader.values[.mailTemplates].text
        guard let server, let sender else { return nil }
        return MailSettings(server: server, sender: sender, templatesDirectory: templates)
    }

    /// Base of links in mails; nil when it is not set, or, with an error, when something is wrong.
    mutating func platformURL() -> String? {
        guard let url = reader.serverURL(.platformURL, schemes: ["https", "http"], allowsPath: true) else { return nil }
        if url.user != nil {
            reader.report(.refused(setting: Setting.platformURL.variable, reason: "a link in a mail holds no password"))
        }
        return url.description
    }

    private mutating func encryption() -> SMTPSettings.Encryption? {
        guard reader.text(.smtpTLS) != nil else { return nil }
        return reader.choice(.smtpTLS, otherwise: SMTPSettings.Encryption.required)
    }

    private mutating func server(
        _ url: ServerURL, _ encryption: SMTPSettings.Encryption?, introducedAs name: String?
    ) -> SMTPSettings? {
        let isImplicit = url.scheme == "smtps"
        if isImplicit, let encryption, encryption != .implicit {
            return reader.refuse(.smtpTLS, "\(encryption.rawValue) does not go with smtps://, which is implicit")
        }
        let encryption = encryption ?? (isImplicit ? .implicit : .required)
        do throws(MailError) {
            var login: SMTPSettings.Login?
            if let user = url.user, let password = url.password { login = .init(user: user, password: password) }
            return try SMTPSettings(
                host: url.server.host, port: url.server.port ?? (encryption == .implicit ? 465 : 25),
                encryption: encryption, login: login, clientName: name ?? "localhost",
                extraAuthorities: reader.text(.authoritiesFile))
        } catch {
            return reader.refuse(.smtp, error.description)
        }
    }

    /// `hookline@example.com` or `Hookline <hookline@example.com>`.
    private mutating func mailSender() -> MailAddress? {
        guard let text = reader.text(.mailFrom) else { return nil }
        return reader.value(.mailFrom, "hookline@example.com or Hookline <hookline@example.com>") { _ in
            guard text.hasSuffix(">"), let bracket = text.lastIndex(of: "<") else { return try? MailAddress(text) }
            let name = text[..<bracket].reversed().drop { $0 == " " }.reversed()
            return try? MailAddress(String(text[bracket...].dropFirst().dropLast()), name: String(name))
        }
    }
}
