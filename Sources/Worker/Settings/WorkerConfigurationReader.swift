import Delivery
import Logging
import Model
import ProgramSupport
import WebhookRules

/// Makes a configuration of the settings' texts and collects everything that is wrong on the way.
struct WorkerConfigurationReader {
    var reader: SettingReader

    var errors: [ConfigurationError] { reader.errors }

    init(_ values: SettingValues) {
        reader = SettingReader(values)
    }

    /// The configuration; nil when `errors` is not empty.
    mutating func read() -> WorkerConfiguration? {
        let (process, stores) = (reader.process(), reader.stores())
        var plan = reader.plan(events: stores?.events)
        plan.sendsStandardHeaders = reader.isOn(.standardWebhooks)
        let sender = sender(timeout: plan.timeout)
        let retry = RetryPolicy(
            delays: reader.numbers(.retryDelays, maximumCount: 20).map { .seconds($0) },
            jitterPercent: reader.number(.retryJitterPercent),
            maximumRetryAfter: reader.seconds(.retryAfterMaximumSeconds),
            apps: reader.choice(.retryApps, otherwise: .published))
        let visibility = reader.seconds(.visibilitySeconds)
        let (broken, mail, platform, statsd) = (broken(), mail(), platformURL(), statsd())
        let drainTime = reader.seconds(.drainSeconds)
        let logLevel = reader.choice(.logLevel, otherwise: Logger.Level.info)
        guard errors.isEmpty, let stores else { return nil }
        return WorkerConfiguration(
            process: process, stores: stores, sender: sender, plan: plan, retry: retry, visibilityTimeout: visibility,
            broken: broken,
            mail: mail, platformURL: platform ?? "", statsd: statsd, drainTime: drainTime, logLevel: logLevel)
    }

    private mutating func sender(timeout: Duration) -> SenderSettings {
        var sender = SenderSettings()
        sender.timeout = timeout
        sender.totalLimit = reader.number(.concurrency)
        sender.perAppLimit = reader.number(.appConcurrency)
        sender.threadCount = reader.number(.senderThreads)
        sender.responseLimit = reader.number(.responseBytes)
        sender.keptConnections = sender.totalLimit
        sender.extraAuthorities = reader.text(.authoritiesFile)
        // The sender reads the address itself; what is in it has been looked at.
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

    private mutating func broken() -> AutoDisableSettings {
        var broken = reader.broken()
        broken.warningPercents = Set(reader.numbers(.brokenWarnings, maximumCount: 10)).sorted()
        return broken
    }

    private mutating func statsd() -> HostAndPort? {
        guard reader.text(.statsd) != nil else { return nil }
        return reader.value(.statsd, "HOST:PORT, an IPv6 address in brackets") { text in
            HostAndPort(parsing: text).flatMap { $0.port == nil ? nil : $0 }
        }
    }
}
