import Buffer
import Delivery
import Directory
import Logging
import Model
import ProgramSupport
import Queue
import System
import TestSupport
import Testing
import WebhookRules

@testable import Worker

/// The worker's settings.
@Suite
struct ConfigurationTests {
    private static let badTexts: [(setting: Setting, texts: [String])] = [
        (Setting.webhookTimeoutMilliseconds, ["0", "300001", "5s"]), (.concurrency, ["0", "10001"]),
        (.appConcurrency, ["0"]), (.senderThreads, ["0", "65"]), (.responseBytes, ["-1", "1048577"]),
        (.allowedNetworks, ["10.0.0.1/8", "example.com", "10.0.0.0/33"]),
        (.proxy, ["proxy:3128", "ftp://proxy", "socks5://proxy", "http://proxy/path"]),
        (.standardWebhooks, ["yes"]),
        (
            .retryDelays,
            ["0", "1,,2", "1;2", "604801", "1,", String(repeating: "1,", count: 20) + "1"]
        ),
        (.retryJitterPercent, ["101"]), (.retryAfterMaximumSeconds, ["604801"]),
        (.retryApps, ["internal", "none"]),
        (.visibilitySeconds, ["4", "3601"]), (.disableApps, ["published"]), (.disableTimeouts, ["0"]),
        (.disableDays, ["0", "31"]), (.disableWarnings, ["0", "100", "50 90"]),
        (.statsd, ["localhost", "h:0", ":1"]),
        (.logLevel, ["INFO", "verbose"]), (.mailFrom, ["nobody", "a@b@c", "Name a@b.test", "<>"]),
        (.platformURL, ["sentry.example.com", "ftp://h", "https://ann:p@h"]), (.smtpTLS, ["on"]),
        (.mailLinks, ["sentry", "Dashboard"]), (.logDetails, ["none", "All", "all,failures"]),
        (.detailsBytes, ["-1", "65537", "16k"]), (.appArchiveBytes, ["0", "1048575"]),
    ]

    private func read(
        _ flags: [Setting: String], _ environment: [String: String]
    ) -> (configuration: WorkerConfiguration?, errors: [ConfigurationError]) {
        let values = SettingValues(program: .worker, flags: flags, environment: environment)
        var reader = WorkerConfigurationReader(values, opener: EmbeddedDirectoryOpener())
        let configuration = reader.read()
        #expect((configuration == nil) == !reader.errors.isEmpty)
        return (configuration, reader.errors)
    }

    private func errors(_ flags: [Setting: String] = [:], _ environment: [String: String] = [:]) -> [ConfigurationError]
    {
        read(flags, environment).errors
    }

    private func configuration(
        _ flags: [Setting: String] = [:], _ environment: [String: String] = [:]
    ) throws -> WorkerConfiguration {
        let (configuration, errors) = read(flags, environment)
        return try #require(configuration, "\(errors)")
    }

    @Test func theDefaultsAreAConfigurationTheOriginalsNumbersNoMailNoStatsD() throws {
        let configuration = try configuration()

        #expect(configuration.stores.queue.events == .init())
        #expect(configuration.stores.queue.archive == .init())
        #expect(configuration.sender == SenderSettings())
        #expect(configuration.plan == PlanSettings(protocolChoice: .auto))
        #expect(configuration.policy.under(.default) == .sentry)
        #expect(configuration.visibilityTimeout == .seconds(60))
        #expect(configuration.mail == nil)
        #expect(configuration.platformURL == "")
        #expect(configuration.statsd == nil)
        #expect(configuration.drainTime == .seconds(10))
        #expect(configuration.logLevel == .info)
    }

    @Test func whatIsSentRetriedAndJudgedFollowsTheSettings() throws {
        let configuration = try configuration([
            .webhookTimeoutMilliseconds: "2000", .webhookMinimumTimeoutMilliseconds: "100",
            .webhookMaximumTimeoutMilliseconds: "10000", .concurrency: "8", .appConcurrency: "2", .senderThreads: "3",
            .responseBytes: "0", .allowedNetworks: "10.0.0.0/8, ::1", .certificateAuthorityFile: "/ca.pem",
            .proxy: "http://proxy.test:3128", .standardWebhooks: "off", .retryDelays: "1, 2,3",
            .retryJitterPercent: "0", .retryAfterMaximumSeconds: "10", .retryApps: "all", .visibilitySeconds: "5",
            .disableApps: "all", .disableTimeouts: "3", .disableDays: "2", .disableWarnings: "90,50,90",
            .statsd: "[::1]:8125", .logLevel: "debug", .drainSeconds: "0", .events: "issue.created",
            .payloadSeconds: "0", .queueShards: "4", .maximumEventBytes: "1024",
            .maximumRelayBytes: "1024",
        ])

        #expect(configuration.sender.timeout == .seconds(2))
        #expect(configuration.sender.totalLimit == 8)
        #expect(configuration.sender.perAppLimit == 2)
        #expect(configuration.sender.threadCount == 3)
        #expect(configuration.sender.responseLimit == 0)
        #expect(configuration.sender.addresses.allowed.map(\.description) == ["10.0.0.0/8", "::1/128"])
        #expect(configuration.sender.extraAuthorities == "/ca.pem")
        #expect(configuration.sender.proxy == Secret("http://proxy.test:3128"))
        #expect(configuration.plan.timeout == .seconds(2))
        #expect(configuration.plan.timeoutRange == .milliseconds(100) ... .seconds(10))
        #expect(configuration.plan.events == EventCatalogue(setting: "issue.created"))
        #expect(!configuration.plan.sendsStandardHeaders)
        #expect(
            configuration.policy.retry
                == RetryPolicy(
                    delays: [.seconds(1), .seconds(2), .seconds(3)], jitterPercent: 0,
                    maximumRetryAfter: .seconds(10), apps: .all))
        #expect(configuration.visibilityTimeout == .seconds(5))
        #expect(
            configuration.policy.autoDisable
                == AutoDisableSettings(
                    rule: .daily(AutoDisableRule(timeoutThreshold: 3, dayCount: 2)), apps: .all,
                    warningPercents: [50, 90]))
        #expect(configuration.statsd?.description == "[::1]:8125")
        #expect(configuration.logLevel == .debug)
        #expect(configuration.drainTime == .zero)
        #expect(configuration.stores.queue.archive == nil)
        #expect(configuration.stores.queue.events.shardCount == 4)
        #expect(configuration.stores.queue.events.maximumPayloadBytes == 3 * 1024 + 16384)
    }

    @Test func noneMeansNoRetries() throws {
        #expect(try configuration([.retryDelays: "none"]).policy.retry.delays == [])
    }

    @Test(arguments: badTexts)
    func aValueOutOfRangeOrOfTheWrongKindIsAnErrorThatNamesTheSetting(setting: Setting, texts: [String]) {
        for text in texts {
            let errors = errors([setting: text])

            #expect(errors.count == 1, "\(text): \(errors)")
            #expect(errors.first?.description.contains(setting.variable) == true, "\(text): \(errors)")
        }
    }

    @Test func theLeastTimeOutMustNotBeMoreThanTheGreatest() {
        let errors = errors([.webhookMinimumTimeoutMilliseconds: "2000", .webhookMaximumTimeoutMilliseconds: "1000"])

        #expect(
            errors.map(\.description)
                == ["HOOKLINE_WEBHOOK_MAX_TIMEOUT_MS: it is less than HOOKLINE_WEBHOOK_MIN_TIMEOUT_MS"])
    }

    @Test func everyMistakeIsReportedNotOnlyTheFirst() {
        #expect(errors([.concurrency: "x", .redis: "x", .allowedNetworks: "x"], ["HOOKLINE_X": "1"]).count == 4)
    }

    @Test(arguments: [Setting.redis, .smtp, .proxy])
    func aPasswordIsRefusedAsAFlagAndNeverRepeatedInAnError(setting: Setting) {
        let scheme = setting == .proxy ? "http" : setting.rawValue
        let flag = errors([setting: "\(scheme)://ann:hunter2@h.test:1"])
        let malformed = errors([:], [setting.variable: "\(scheme)://ann:hunter2@h.test:port"])

        #expect(flag.contains(.secretInFlag(flag: setting.flag, variable: setting.variable)))
        #expect(!malformed.isEmpty)
        #expect(!"\(flag) \(malformed) \(malformed.map(\.description))".contains("hunter2"))
    }

    @Test func theAddressOfASecretServerMayComeFromAFile() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("http://ann:secret@proxy.test:1\n", to: "proxy")

        let configuration = try configuration([:], ["HOOKLINE_PROXY_FILE": path])

        #expect(configuration.sender.proxy?.exposed == "http://ann:secret@proxy.test:1")
    }
}
