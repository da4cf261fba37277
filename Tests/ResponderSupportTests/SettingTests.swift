import Buffer
import Directory
import Foundation
import Model
import ProgramSupport
import Redis
import TestSupport
import Testing

@testable import ResponderSupport

/// Settings.
@Suite
struct SettingTests {
    private func values(_ flags: [Setting: String] = [:], _ environment: [String: String] = [:]) -> SettingValues {
        SettingValues(program: .responder, flags: flags, environment: environment)
    }

    private func errors(_ flags: [Setting: String] = [:], _ environment: [String: String] = [:]) -> [ConfigurationError]
    {
        var reader = ConfigurationReader(
            values(flags, environment), environment: environment, opener: EmbeddedDirectoryOpener())
        let configuration = reader.read()
        #expect((configuration == nil) == !reader.errors.isEmpty)
        return reader.errors
    }

    private func configuration(
        _ flags: [Setting: String] = [:], _ environment: [String: String] = [:]
    ) throws -> Configuration {
        var reader = ConfigurationReader(
            values(flags, environment), environment: environment, opener: EmbeddedDirectoryOpener())
        let configuration = reader.read()
        return try #require(configuration, "\(reader.errors)")
    }

    @Test func theDefaultsAreAConfiguration() throws {
        let configuration = try configuration()

        #expect(configuration.listen == .inherited)
        #expect(configuration.socketMode == 0o660)
        #expect(configuration.socketGroup == nil)
        #expect(configuration.stores.redis == RedisEndpoint(address: .tcp(host: "127.0.0.1", port: 6379)))
        #expect(configuration.stores.directory == .default)
        #expect(configuration.threadCount == 4 * ProcessInfo.processInfo.processorCount)
        #expect(configuration.stores.events == .version23Dot7)
        #expect(
            configuration.stores.queue
                == QueueSettings(
                    shardCount: 1, maximumDepth: 100_000, maximumEventBytes: 262_144, idempotencySeconds: 86400,
                    payloadSeconds: 259_200))
        #expect(configuration.limits == RequestLimits(importBytes: 4 << 20))
        #expect(configuration.drainSeconds == 10)
        #expect(configuration.inputOutputSeconds == 5)
        #expect(configuration.logsAccess)
        #expect(configuration.accessFormat == .json)
        #expect(configuration.slowLogMilliseconds == 0)
    }

    @Test func aWrongFormOfTheAccessLineIsAnErrorThatNamesTheLetterAndItsPlace() throws {
        #expect(
            errors([.accessFormat: "%r%q"]).map(\.description) == [
                "HOOKLINE_ACCESS_FORMAT: %q is not supported: the query may hold secrets and is never logged, "
                    + "at character 3"
            ])
        #expect(
            errors([:], ["HOOKLINE_SLOW_LOG_MS": "1s"]).map(\.description) == [
                "HOOKLINE_SLOW_LOG_MS is \"1s\", expected a number from 0 to 3600000 milliseconds"
            ])
        let logs = try configuration([.accessFormat: "%s", .slowLogMilliseconds: "250"]).logs(.standardError, pool: "p")
        #expect(logs.access == .pattern(try AccessPattern(parsing: "%s")))
        #expect(logs.slowMicroseconds == 250_000)
        #expect(try configuration([.accessLog: "off"]).logs(.standardError, pool: "p").access == nil)
    }

    @Test func theAddressOfRedisMayComeFromAFileItsLastLineEndLeftOut() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("redis://ann:secret@h.test:7/2\n", to: "redis")

        let configuration = try configuration([:], ["HOOKLINE_REDIS_FILE": path])

        #expect(
            configuration.stores.redis
                == RedisEndpoint(
                    address: .tcp(host: "h.test", port: 7), user: "ann", password: .init("secret"), database: 2))
    }

    @Test func aFileThatCannotBeReadOrAValueBesideItIsAnErrorByName() {
        let missing = errors([:], ["HOOKLINE_REDIS_FILE": "/nonexistent"])
        let both = errors([:], ["HOOKLINE_REDIS_FILE": "/nonexistent", "HOOKLINE_REDIS": "unix:/r"])

        #expect(
            missing.map(\.description)
                == ["HOOKLINE_REDIS_FILE: cannot read /nonexistent: No such file or directory"])
        #expect(both == [.bothForms(variable: "HOOKLINE_REDIS", fileVariable: "HOOKLINE_REDIS_FILE")])
    }

    @Test func aPasswordIsRefusedAsAFlagAndNeverRepeatedInAnError() {
        let flag = errors([.redis: "redis://:hunter2@h.test/0"])
        let malformed = errors([:], ["HOOKLINE_REDIS": "redis://:hunter2@h.test:port/0"])

        #expect(flag == [.secretInFlag(flag: "redis", variable: "HOOKLINE_REDIS")])
        #expect(malformed.count == 1)
        #expect(!"\(flag) \(malformed) \(malformed.map(\.description))".contains("hunter2"))
    }

    @Test func libfcgisFilterOfAddressesWhichHasNoEffectHereIsRefusedInsteadOfIgnored() {
        #expect(errors([:], ["FCGI_WEB_SERVER_ADDRS": "10.0.0.1"]).count == 1)
    }

    @Test(arguments: [
        (Setting.threads, ["0", "513", "-1", "many", "", " 4"]),
        (.socketMode, ["660x", "888", "1777", "-1", "+660"]),
        (.redisConnectMilliseconds, ["0", "60001"]), (.redisCommandMilliseconds, ["0", "60001"]),
        (.directoryCacheSeconds, ["3601", "x"]), (.maximumParameters, ["0"]), (.maximumParameterBytes, ["0"]),
        (.maximumQueryBytes, ["-1"]), (.maximumBodyBytes, ["1073741825"]), (.drainSeconds, ["3601"]),
        (.queueShards, ["0", "257"]), (.queueMaximumDepth, ["0", "10000001"]),
        (.queueMaximumBytes, ["1048575", "1099511627777"]), (.archiveMaximumBytes, ["0", "1099511627777"]),
        (.maximumEventBytes, ["1023", "786433"]), (.idempotencySeconds, ["0", "2592001"]),
        (.payloadSeconds, ["-1", "2592001"]), (.inputOutputSeconds, ["0"]), (.accessLog, ["yes", "ON"]),
        (.events, ["issue", "Issue.created", ","]),
        (
            .listen,
            [
                "unix:", "localhost:9000", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:+80", ":9000",
                "/path",
            ]
        ),
        (.directory, ["/path", "sqlite:", "postgres://h/d"]), (.redis, ["h:6379", "rediss://h", "redis://h/x"]),
    ])
    func aValueOutOfRangeOrOfTheWrongKindIsAnErrorThatNamesTheSetting(setting: Setting, texts: [String]) {
        for text in texts {
            let errors = errors([setting: text])

            #expect(errors.count == 1, "\(text)")
            #expect(errors.first?.description.contains(setting.variable) == true, "\(errors)")
        }
    }

    @Test func theEndsOfTheRangesAreGoodValues() throws {
        for (setting, texts) in [
            (Setting.threads, ["1", "512", "auto"]), (.socketMode, ["0", "0777", "600"]),
            (.drainSeconds, ["0", "3600"]),
            (.directoryCacheSeconds, ["0", "3600"]), (.maximumBodyBytes, ["0"]), (.maximumQueryBytes, ["0"]),
            (.queueShards, ["1", "256"]), (.queueMaximumDepth, ["1", "10000000"]),
            (.queueMaximumBytes, ["1048576", "1099511627776"]), (.archiveMaximumBytes, ["1048576", "1099511627776"]),
            (.maximumEventBytes, ["1024", "786432"]), (.idempotencySeconds, ["1", "2592000"]),
            (.payloadSeconds, ["0", "2592000"]), (.inputOutputSeconds, ["1", "3600"]), (.accessLog, ["on", "off"]),
            (.events, ["26", "issue.created"]),
        ] {
            for text in texts { _ = try configuration([setting: text]) }
        }
    }

    @Test func everyMistakeIsReportedNotOnlyTheFirst() {
        #expect(errors([.threads: "x", .drainSeconds: "x"], ["HOOKLINE_X": "1"]).count == 3)
    }

    @Test(arguments: [
        ("inherited", ListenAddress.inherited), ("unix:/run/h.sock", .unix(path: "/run/h.sock")),
        ("127.0.0.1:9000", .network(host: "127.0.0.1", port: 9000)),
        ("[::1]:9000", .network(host: "::1", port: 9000)), ("::1:9000", .network(host: "::1", port: 9000)),
    ])
    func addressesToListenOn(text: String, address: ListenAddress) {
        #expect(ListenAddress(setting: text) == address)
    }

    @Test func aSocketsPathMayHave107Bytes() {
        let path = "/" + String(repeating: "x", count: 106)

        #expect(ListenAddress(setting: "unix:\(path)") == .unix(path: path))
        #expect(ListenAddress(setting: "unix:\(path)x") == nil)
    }
}
