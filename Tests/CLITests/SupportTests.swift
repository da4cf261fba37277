import Buffer
import Delivery
import Directory
import Management
import Model
import ProgramSupport
import Queue
import Redis
import TestSupport
import Testing
import WebhookRules
import WireJSON

@testable import CLI

@Suite struct SupportTests {
    @Test func aTablesColumnsAreAsWideAsTheirLongestCellWithoutSpacesAtTheEnd() {
        var table = TextTable(header: ["A", "LONG", "C"])
        table.append(["1234", "x", ""])
        table.append(["é", "y", "z"])

        #expect(table.text == "A     LONG  C\n1234  x\né     y     z\n")
    }

    @Test(arguments: ["--help", "help", "help queue", "queue", "queue --help", "--generate-completion-script bash"])
    func helpThatCannotBeWrittenIsAnError(_ words: String) throws {
        let program = try BuiltProducts.path("hookline")
        for target in [">/dev/full", ">&-"] {
            let result = try ChildProcess.run(["sh", "-c", "exec \(program) \(words) \(target)"])

            #expect(result.status == .exited(73))
            #expect(result.error.contains("hookline: cannot write the result: "))
        }
        let help = try ChildProcess.run(["sh", "-c", "exec \(program) \(words)"])
        #expect(help.status == .exited(0))
        #expect(help.output.hasSuffix("\n") && !help.output.hasSuffix("\n\n\n"))
    }

    @Test func aTableEscapesControlCharacters() {
        var table = TextTable(header: ["A"])
        table.append(["a\u{1B}[31mb\nc\u{9B}d\u{7F}"])

        #expect(table.text == "A\na\\u001b[31mb\\u000ac\\u009bd\\u007f\n")
    }

    @Test(
        arguments: [
            ("90d", 90 * 86400), ("1h", 3600), ("2001-09-09T01:46:40Z", 1_000_000_000 - 1_000_000), ("0d", nil),
            ("-1d", nil), ("90", nil), ("d", nil), ("", nil), ("1w", nil), ("100001d", nil),
            ("9999999999999999999d", nil), ("tomorrow", nil),
        ] as [(String, Int64?)])
    func anEndIsATimeOrANumberOfDaysOrHours(text: String, seconds: Int64?) {
        let now = Timestamp(seconds: 1_000_000)

        #expect(EndArgument.timestamp(text, from: now) == seconds.map { now.adding(seconds: $0) })
    }

    @Test(
        arguments: [
            ("90m", -5400), ("2h", -7200), ("3d ago", -259_200), ("45s", -45), ("0s", 0), ("now", 0),
            ("1970-01-12T13:46:41Z", 1), ("-1d", nil), ("90", nil), ("ago", nil), ("", nil), ("1w", nil),
            ("100001d", nil), ("9999999999999999999d", nil), ("yesterday", nil),
        ] as [(String, Int64?)])
    func aStartIsATimeOrHowLongAgo(text: String, seconds: Int64?) {
        let now = Timestamp(seconds: 1_000_000)

        #expect(StartArgument.timestamp(text, from: now) == seconds.map { now.adding(seconds: $0) })
    }

    @Test(
        arguments: [
            (0, "0.0s"), (450_000, "0.4s"), (9_990_000, "9.9s"), (10_000_000, "10s"), (61_000_000, "1m 1s"),
            (3_600_000_000, "1h"), (97_200_000_000, "1d 3h"), (-5, "0.0s"),
        ] as [(Int64, String)])
    func anAgeIsShownInItsTwoLargestUnits(microseconds: Int64, text: String) {
        #expect(Age(microseconds: microseconds).description == text)
    }

    @Test func settingsOfDeliveryHaveTheProgramsNamesAndDefaultsAndAWrongOneIsNamed() throws {
        let defaults = CommandDeliverySettings(environment: [:])
        let own = CommandDeliverySettings(environment: [
            "HOOKLINE_QUEUE_SHARDS": "4", "HOOKLINE_QUEUE_MAX_DEPTH": "10", "HOOKLINE_MAX_EVENT_BYTES": "2048",
            "HOOKLINE_PAYLOAD_SECONDS": "60", "HOOKLINE_DISABLE_TIMEOUTS": "3", "HOOKLINE_DISABLE_DAYS": "2",
            "HOOKLINE_RELAY_MAX_BYTES": "2048",
            "HOOKLINE_DISABLE_APPS": "all", "HOOKLINE_WEBHOOK_TIMEOUT_MS": "1000",
        ])

        #expect(try defaults.queue(.events).shardCount == 1)
        #expect(try defaults.queue(.events).maximumDepth == 100_000)
        #expect(try defaults.queue(.events).maximumPayloadBytes == DeliveryQueueSettings.defaultPayloadBytes)
        #expect(try defaults.archive().lifetimeSeconds == 259_200)
        #expect(try defaults.deliveryPolicies().deployment.autoDisable.apps == .internal)
        #expect(try own.queue(.events).shardCount == 4)
        #expect(try own.queue(.mail).shardCount == 1)
        #expect(try own.queue(.events).maximumPayloadBytes == 3 * 2048 + 16384)
        #expect(try own.archive().lifetimeSeconds == 60)
        #expect(try own.deliveryPolicies().deployment.autoDisable.rule.timeoutThreshold == 3)
        #expect(try own.deliveryPolicies().deployment.autoDisable.rule.dayCount == 2)
        #expect(try own.sender().timeout == .seconds(1))
        for (name, text) in [
            ("HOOKLINE_DISABLE_APPS", "some"), ("HOOKLINE_DISABLE_DAYS", "31"), ("HOOKLINE_DISABLE_TIMEOUTS", "0"),
        ] {
            let failure = #expect(throws: CommandFailure.self) {
                _ = try CommandDeliverySettings(environment: [name: text]).deliveryPolicies()
            }
            #expect(failure?.status == .configuration)
            #expect(failure?.message.hasPrefix(name) == true)
        }
    }

    @Test func settingsComeFromTheSettingsFileTooTheVariableWinsOverItAFileThatIsNotThereIsNamed() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("HOOKLINE_DIRECTORY=sqlite:/file\nHOOKLINE_EVENTS=26\n", to: "settings")
        let settings = CommandDeliverySettings(
            environment: ["HOOKLINE_SETTINGS_FILE": path, "HOOKLINE_DIRECTORY": "sqlite:/variable"])
        let missing = CommandDeliverySettings(environment: ["HOOKLINE_SETTINGS_FILE": "/nonexistent"])

        #expect(try settings.directory().description == "sqlite:/variable")
        #expect(try settings.events() == .version26)
        let failure = #expect(throws: CommandFailure.self) { try missing.events() }
        #expect(failure?.message.hasPrefix("settings file /nonexistent: No such file or directory. ") == true)
    }

    @Test func theInstalledSettingsFileIsReadUnlessAnotherOrNoneIsNamed() throws {
        let directory = try TemporaryDirectory()
        let installed = try directory.write("HOOKLINE_DIRECTORY=sqlite:/installed\n", to: "hookline.env")
        let other = try directory.write("HOOKLINE_DIRECTORY=sqlite:/other\n", to: "other.env")
        func location(_ environment: [String: String], _ file: String) throws -> String {
            try CommandDeliverySettings(environment: environment, installedFile: file).directory().description
        }

        #expect(try location([:], installed) == "sqlite:/installed")
        #expect(try location(["HOOKLINE_SETTINGS_FILE": ""], installed) == "sqlite:/installed")
        #expect(try location(["HOOKLINE_SETTINGS_FILE": other], installed) == "sqlite:/other")
        #expect(try location(["HOOKLINE_SETTINGS_FILE": "none"], installed) == DirectoryLocation.default.description)
        #expect(try location([:], directory.file("absent")) == DirectoryLocation.default.description)
        #expect(try location([:], installed + "/below/a/file") == DirectoryLocation.default.description)
    }

    @Test func anUnreadableSettingsFileIsAnErrorUnlessOptionsAndVariablesGiveAllThatIsNeeded() throws {
        // A folder cannot be read as a file, not even by root.
        let folder = try TemporaryDirectory()
        func settings(
            _ environment: [String: String] = [:], options: [Setting: String?] = [:]
        ) -> CommandDeliverySettings {
            CommandDeliverySettings(environment: environment, options: options, installedFile: folder.path)
        }

        let failure = #expect(throws: CommandFailure.self) { try settings().directory() }
        #expect(failure?.status == .configuration)
        #expect(failure?.message.hasPrefix("settings file \(folder.path): ") == true)
        #expect(failure?.message.contains("HOOKLINE_SETTINGS_FILE=none") == true)
        #expect(try settings(options: [.directory: "sqlite:/x"]).directory().description == "sqlite:/x")
        #expect(try settings(["HOOKLINE_DIRECTORY": "sqlite:/y"]).directory().description == "sqlite:/y")
        #expect(throws: CommandFailure.self) { try settings(["HOOKLINE_QUEUE_SHARDS": "2"]).queue(.events) }
        #expect(
            try settings(["HOOKLINE_REDIS": "unix:/z"]).connection(commandTimeout: .seconds(1)).endpoint.server != "")
    }

    @Test func anOptionWinsOverTheVariableAnEmptyVariableIsNoneAWrongValueIsNamedByWhereItStands() throws {
        let environment = [
            "HOOKLINE_DIRECTORY": "sqlite:/variable", "HOOKLINE_EVENTS": "", "HOOKLINE_SMTP": "nonsense",
        ]
        func settings(_ options: [Setting: String?] = [:]) -> CommandDeliverySettings {
            CommandDeliverySettings(environment: environment, options: options)
        }

        #expect(try settings().directory().description == "sqlite:/variable")
        #expect(try settings([.directory: nil]).directory().description == "sqlite:/variable")
        #expect(try settings([.directory: "sqlite:/option"]).directory().description == "sqlite:/option")
        #expect(try settings().events() == .version23Dot7)
        #expect(try settings([.protocolRelease: "25.12"]).events() == .version26)
        #expect(try settings([.protocolRelease: "25.12", .events: "23.7"]).events() == .version23Dot7)
        #expect(try settings([.directory: "postgres://h/sentry"]).events() == .version26Dot9)
        let wrong = #expect(throws: CommandFailure.self) { try settings([.directory: "x"]).directory() }
        #expect(wrong?.message.hasPrefix("--directory: \"x\"") == true)
        let events = #expect(throws: CommandFailure.self) { try settings([.events: "X"]).events() }
        #expect(events?.message.hasPrefix("--events is \"X\", expected auto, 23.7") == true)
    }

    @Test func anUnknownVariableIsAWarning() throws {
        let runner = try CommandRunner()

        let outcome = try runner.hookline(
            "directory", "migrate", environment: ["HOOKLINE_REDDIS": "x", "HOOKLINE_THREADS": "4", "HOOKLINE_SMTP": ""])

        #expect(outcome.status == 0)
        #expect(
            outcome.error == "hookline: warning: unknown variable HOOKLINE_REDDIS: did you mean HOOKLINE_REDIS?\n")
    }

    @Test func aNewTokenIs64HexadecimalDigitsAndNeverTheSame() {
        let tokens = (0..<50).map { _ in RandomText.secret() }

        #expect(Set(tokens).count == 50)
        #expect(tokens.allSatisfy { $0.utf8.count == 64 && $0.allSatisfy(\.isHexDigit) })
    }
}
