import Delivery
import Directory
import Logging
import Model
import ProgramSupport
import System
import WebhookRules

/// Parses the worker's settings and collects every error on the way.
struct WorkerConfigurationReader {
    private var reader: SettingReader
    private let opener: any DirectoryOpening

    var errors: [ConfigurationError] { reader.errors }

    /// - Parameter opener: opens the directory.
    init(_ values: SettingValues, opener: any DirectoryOpening) {
        reader = SettingReader(values)
        self.opener = opener
    }

    /// The configuration; nil when `errors` is not empty.
    mutating func read() -> WorkerConfiguration? {
        let (process, stores) = (reader.process(), reader.stores(opener: opener))
        var plan = reader.plan(events: stores?.events)
        plan.sendsStandardHeaders = reader.isOn(.standardWebhooks)
        let sender = sender(timeout: plan.timeout)
        let policies = reader.deliveryPolicies()
        let visibility = reader.seconds(.visibilitySeconds)
        var silence = SilenceSettings()
        silence.rule = reader.silenceRule()
        silence.sendsMails = reader.isOn(.silenceMail)
        let (mail, platform, statsd) = (mail(), platformURL(), statsd())
        let links = reader.choice(.mailLinks, fallback: AutoDisableNotice.Links.platform)
        let drainTime = reader.seconds(.drainSeconds)
        let logLevel = reader.choice(.logLevel, fallback: Logger.Level.info)
        guard errors.isEmpty, let stores else { return nil }
        return WorkerConfiguration(
            process: process, stores: stores, sender: sender, plan: plan, policies: policies,
            silence: silence, visibilityTimeout: visibility, mail: mail, platformURL: platform ?? "", mailLinks: links,
            statsd: statsd, drainTime: drainTime,
            logLevel: logLevel)
    }

    private mutating func sender(timeout: Duration) -> SenderSettings {
        var sender = SenderSettings()
        sender.timeout = timeout
        let soft = reader.milliseconds(.webhookSoftTimeoutMilliseconds)
        sender.softTimeout = soft == .zero ? nil : soft
        sender.totalLimit = reader.number(.concurrency)
        sender.perAppLimit = reader.number(.appConcurrency)
        sender.threadCount = reader.number(.senderThreads)
        sender.responseLimit = reader.number(.responseBytes)
        sender.keptConnections = sender.totalLimit
        sender.extraAuthorities = reader.text(.certificateAuthorityFile)
        // The sender parses the address itself; here it is only validated.
        if reader.serverURL(.proxy, schemes: ["http", "https", "socks5h"]) != nil {
            sender.proxy = Secret(reader.values[.proxy].text)
        }
        do throws(CIDRError) {
            sender.addresses = try AddressPolicy(parsing: reader.values[.allowedNetworks].text)
        } catch {
            reader.report(.refused(setting: Setting.allowedNetworks.variable, reason: error.description))
        }
        return sender
    }

    private mutating func statsd() -> HostAndPort? {
        guard reader.text(.statsd) != nil else { return nil }
        return reader.value(.statsd, "HOST:PORT, an IPv6 address in brackets") { text in
            HostAndPort(parsing: text).flatMap { $0.port == nil ? nil : $0 }
        }
    }
}

// MARK: Mail

extension WorkerConfigurationReader {
    /// How owners are notified; nil when no mail server is set, or, with an error, when a setting is invalid.
    ///
    /// The other settings are checked even without a mail server, so that errors show before it is set.
    mutating func mail() -> MailSettings? {
        let encryption = encryption()
        let sender = mailSender()
        guard let url = reader.serverURL(.smtp, schemes: ["smtp", "smtps"]) else { return nil }
        let server = server(url, encryption, clientName: sender?.domain)
        for setting in [Setting.mailFrom, .platformURL] where reader.text(setting) == nil {
            reader.report(.refused(setting: setting.variable, reason: "must be set if HOOKLINE_SMTP is"))
        }
        let templates = reader.values[.mailTemplates].text
        guard let server, let sender else { return nil }
        return MailSettings(server: server, sender: sender, templatesDirectory: templates)
    }

    /// Base of links in mails; nil when it is not set, or, with an error, when it is invalid.
    mutating func platformURL() -> String? {
        guard let url = reader.serverURL(.platformURL, schemes: ["https", "http"], allowsPath: true) else { return nil }
        if url.user != nil {
            reader.report(
                .refused(
                    setting: Setting.platformURL.variable, reason: "it must not hold a password: it appears in mails"))
        }
        return url.description
    }

    private mutating func encryption() -> SMTPSettings.Encryption? {
        guard reader.text(.smtpTLS) != nil else { return nil }
        return reader.choice(.smtpTLS, fallback: SMTPSettings.Encryption.required)
    }

    private mutating func server(
        _ url: ServerURL, _ encryption: SMTPSettings.Encryption?, clientName: String?
    ) -> SMTPSettings? {
        let isImplicit = url.scheme == "smtps"
        if isImplicit, let encryption, encryption != .implicit {
            return reader.refuse(.smtpTLS, "\(encryption.rawValue) cannot be combined with smtps://, which is implicit")
        }
        let encryption = encryption ?? (isImplicit ? .implicit : .required)
        do throws(MailError) {
            var login: SMTPSettings.Login?
            if let user = url.user, let password = url.password { login = .init(user: user, password: password) }
            return try SMTPSettings(
                host: url.server.host, port: url.server.port ?? (encryption == .implicit ? 465 : 25),
                encryption: encryption, login: login, clientName: clientName ?? "localhost",
                extraAuthorities: reader.text(.certificateAuthorityFile))
        } catch {
            return reader.refuse(.smtp, error.description)
        }
    }

    /// `hookline@example.com` or `Hookline <hookline@example.com>`.
    private mutating func mailSender() -> MailAddress? {
        guard reader.text(.mailFrom) != nil else { return nil }
        return reader.value(.mailFrom, "hookline@example.com or Hookline <hookline@example.com>") { text in
            guard text.hasSuffix(">"), let bracket = text.lastIndex(of: "<") else { return try? MailAddress(text) }
            let name = text[..<bracket].reversed().drop { $0 == " " }.reversed()
            return try? MailAddress(String(text[bracket...].dropFirst().dropLast()), name: String(name))
        }
    }
}
