import Foundation
import Model
import ProgramSupport
import TestSupport
import Testing
import WebhookRules

/// The table of settings.
@Suite
struct SettingTableTests {
    private func values(_ flags: [Setting: String] = [:], _ environment: [String: String] = [:]) -> SettingValues {
        SettingValues(program: .responder, flags: flags, environment: environment)
    }

    @Test func aFlagWinsOverTheVariableTheVariableOverTheDefaultAndEachKnowsWhereItCameFrom() {
        let values = values([.threads: "1"], ["HOOKLINE_THREADS": "2", "HOOKLINE_EVENTS": "26"])

        #expect(values[.threads] == .init(text: "1", source: .flag))
        #expect(values[.events] == .init(text: "26", source: .environment))
        #expect(values[.drainSeconds] == .init(text: "10", source: .defaultValue))
    }

    @Test func anEmptyVariableCountsAsUnset() {
        #expect(values([:], ["HOOKLINE_THREADS": ""])[.threads].source == .defaultValue)
    }

    @Test func anUnknownVariableIsAnErrorThatNamesTheNearestKnownOne() {
        let near = errors(["HOOKLINE_THRED": "1"])
        let far = errors(["HOOKLINE_COLOUR_OF_THE_SKY": "1"])
        let other = errors(["OTHER_THRED": "1"])

        #expect(near == [.unknownVariable("HOOKLINE_THRED", nearest: "HOOKLINE_THREADS")])
        #expect(far == [.unknownVariable("HOOKLINE_COLOUR_OF_THE_SKY", nearest: nil)])
        #expect(other.isEmpty)
    }

    /// Those that the documentation lists.
    @Test func theVariablesOfTheDemoAndTheTestsAreNoErrors() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
        let page = try String(contentsOf: root.appendingPathComponent("docs/configuration.md"), encoding: .utf8)
        let section = try #require(page.components(separatedBy: "\n## Demo and tests\n").last)
        let names = section.matches(of: /\n\| `(HOOKLINE_[A-Z_]+)` \|/).map { String($0.1) }

        #expect(Set(names) == SettingValues.demoAndTestVariables)
        #expect(errors(Dictionary(uniqueKeysWithValues: names.map { ($0, "1") })).isEmpty)
        #expect(errors(["HOOKLINE_SKIP_AXES": "1"]).count == 1)
    }

    private func errors(
        _ environment: [String: String], of program: ProgramName = .responder
    ) -> [ConfigurationError] {
        SettingValues(program: program, flags: [:], environment: environment).errors
    }

    @Test(arguments: ProgramName.allCases)
    func oneFileWithEveryVariableServesEveryProgram(program: ProgramName) {
        let environment = Dictionary(
            uniqueKeysWithValues: Setting.allCases.map { ($0.variable, $0.defaultValue) })

        #expect(errors(environment, of: program).isEmpty)
    }

    @Test func aTypoInAnotherProgramsVariableIsAnErrorAndAMissingFileOnlyForTheProgramThatReadsIt() {
        #expect(
            errors(["HOOKLINE_VISIBILTY_SECONDS": "1"])
                == [.unknownVariable("HOOKLINE_VISIBILTY_SECONDS", nearest: "HOOKLINE_VISIBILITY_SECONDS")])
        #expect(errors(["HOOKLINE_SMTP_FILE": "/nonexistent"]).isEmpty)
        #expect(errors(["HOOKLINE_SMTP_FILE": "/nonexistent"], of: .worker).count == 1)
    }

    @Test func everySettingHasOneRowWithHelpForSomeProgram() {
        #expect(SettingTable.rows.map(\.setting) == Setting.allCases)
        #expect(SettingTable.rows.allSatisfy { !$0.programs.isEmpty && $0.help.hasSuffix(".") })
        #expect(Set(Setting.allCases.flatMap(\.variables)).count == Setting.allCases.flatMap(\.variables).count)
        #expect(
            Setting.allCases.filter(\.isSecret) == [.redis, .directory, .breakerRedis, .sessionSecret, .proxy, .smtp])
    }

    @Test func argumentsAreTakenAsNameValueAndNameValue() throws {
        let arguments = try Arguments(["--threads", "3", "--listen=unix:/a=b", "--check"], program: .responder)

        #expect(arguments.flags == [.threads: "3", .listen: "unix:/a=b"])
        #expect(arguments.action == .check)
    }

    @Test(arguments: [
        (["--thread", "3"], ConfigurationError.unknownFlag("--thread")), (["extra"], .unknownFlag("extra")),
        (["--threads"], .missingValue(flag: "threads")), ([""], .unknownFlag("")),
        (["--threads", "1", "--threads=2"], .repeatedFlag("threads")),
        (["-threads", "1"], .unknownFlag("-threads")), (["--smtp", "x"], .unknownFlag("--smtp")),
    ])
    func aWrongArgumentIsAnErrorThatNamesIt(words: [String], expected: ConfigurationError) {
        #expect(throws: expected) { try Arguments(words, program: .responder) }
    }

    @Test func theExampleFileAndTheDocumentationAreThoseOfTheTable() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
        let example = root.appendingPathComponent("conf/hookline.env.example")
        let page = try String(contentsOf: root.appendingPathComponent("docs/configuration.md"), encoding: .utf8)

        #expect(try String(contentsOf: example, encoding: .utf8) == SettingTexts.exampleFile, "run make settings-docs")
        #expect(SettingTexts.updated(page: page) == page, "run make settings-docs")
        for variable in Setting.allCases.flatMap({ [$0.variable, $0.fileVariable].compactMap(\.self) }) {
            #expect(page.contains("\n| `\(variable)` | "), "\(variable)")
        }
    }

    @Test func aPageKeepsEverythingButItsTables() {
        let page = "# Title\n\n<!-- settings: monitoring -->\nold\n<!-- end of settings -->\n\nEnd\n"

        let updated = SettingTexts.updated(page: page)

        #expect(
            updated.hasPrefix("# Title\n\n<!-- settings: monitoring -->\n\n| Variable | Flag | Default | Meaning |\n"))
        #expect(updated.contains("\n| `HOOKLINE_LOG_LEVEL` | `--log-level` | `info` | "))
        #expect(updated.hasSuffix(" |\n\n<!-- end of settings -->\n\nEnd\n"))
        #expect(!updated.contains("old"))
        #expect(SettingTexts.updated(page: updated) == updated)
    }

    @Test(arguments: DeliveryPolicy.Name.allCases)
    func everyDefaultIsAValidValue(policy: DeliveryPolicy.Name) {
        for row in SettingTable.rows {
            let defaultValue = row.defaultValue(under: DeliveryPolicy(policy))
            let words = defaultValue.split(separator: ",").map(String.init)
            switch row.type {
            case .number(_, let range, let word):
                #expect(Int(defaultValue).map(range.contains) ?? (defaultValue == word), "\(row.setting)")
            case .numbers(_, let range, let count):
                let numbers = words.compactMap { Int($0) }
                #expect(numbers.count == words.count && numbers.count <= count, "\(row.setting)")
                #expect(numbers.allSatisfy(range.contains), "\(row.setting)")
            case .words(let choices):
                #expect(defaultValue.isEmpty || choices.contains(defaultValue), "\(row.setting)")
            case .text, .serverAddress, .secret: break
            }
        }
    }

    @Test func theListingOfSettingsHasNoPasswordInWhateverFormItWasGiven() {
        for (setting, text) in [
            (Setting.redis, "redis://ann:hunter2@h.test/0"), (.smtp, "smtp://ann:hunter2@h.test:25"),
            (.smtp, "hunter2@h.test"), (.proxy, "http://ann:hunter2@h.test:3128/x"), (.proxy, "http://hunter2@h test"),
            (.redis, "http://h/redis://ann:hunter2@h"), (.redis, "unix:/redis://ann:hunter2@h"),
            (.directory, "sqlite:postgres://ann:hunter2@h/d"), (.directory, "redis://ann:hunter2@h"),
            (.proxy, "http://h/http://ann:hunter2@h"), (.statsd, "redis://ann:hunter2@h"),
            (.platformURL, "https://ann:hunter2@h"), (.logFile, "redis://ann:hunter2@h"),
        ] {
            let program: ProgramName = .worker
            let values = SettingValues(program: program, flags: [setting: text], environment: [:])

            #expect(!SettingTexts.listing(of: values).contains("hunter2"), "\(text)")
        }
        let values = SettingValues(
            program: .worker, flags: [.smtp: "smtp://ann:hunter2@h.test:25"],
            environment: ["HOOKLINE_PROXY": "http://p:1"])
        #expect(SettingTexts.listing(of: values).contains("HOOKLINE_SMTP=smtp://ann:***@h.test:25  (flag)\n"))
        #expect(SettingTexts.listing(of: values).contains("HOOKLINE_PROXY=http://p:1  (environment)\n"))
    }

    @Test func anErrorAboutAValueThatIsNoAddressHasNoPassword() {
        let text = "redis://ann:hunter2@h.test/0"
        let values = SettingValues(program: .worker, flags: [:], environment: ["HOOKLINE_CONCURRENCY": text])
        var reader = SettingReader(values)
        _ = reader.number(.concurrency)
        let unknown = #expect(throws: ConfigurationError.self) { try Arguments([text], program: .worker) }

        #expect(reader.errors.first?.description.hasPrefix("HOOKLINE_CONCURRENCY is \"***\", expected") == true)
        #expect(unknown?.description == "unknown argument ***: see --help")
    }

    // MARK: Former names

    private static let renamed: [(Setting, String, String)] = [
        (.disableApps, "HOOKLINE_BROKEN_APPS", "broken-apps"),
        (.disableTimeouts, "HOOKLINE_BROKEN_TIMEOUTS", "broken-timeouts"),
        (.disableDays, "HOOKLINE_BROKEN_DAYS", "broken-days"),
        (.disableWarnings, "HOOKLINE_BROKEN_WARNINGS", "broken-warnings"),
    ]

    @Test(arguments: renamed)
    func aRenamedSettingCanStillBeSetByItsFormerName(setting: Setting, variable: String, flag: String) throws {
        let values = SettingValues(program: .worker, flags: [:], environment: [variable: "7"])
        let arguments = try Arguments(["--\(flag)", "7"], program: .worker)

        #expect(values.errors.isEmpty)
        #expect(values[setting] == .init(text: "7", source: .environment, formerName: variable))
        #expect(SettingTexts.listing(of: values).contains("\(setting.variable)=7  (environment, as \(variable))\n"))
        #expect(arguments.flags == [setting: "7"])
    }

    @Test func bothNamesOfARenamedSettingMustAgree() throws {
        let equal = values([:], ["HOOKLINE_DISABLE_DAYS": "3", "HOOKLINE_BROKEN_DAYS": "3"])
        let different = errors(["HOOKLINE_DISABLE_DAYS": "3", "HOOKLINE_BROKEN_DAYS": "4"])

        #expect(equal.errors.isEmpty)
        #expect(equal[.disableDays] == .init(text: "3", source: .environment))
        #expect(
            different.map(\.description) == [
                "HOOKLINE_DISABLE_DAYS and HOOKLINE_BROKEN_DAYS, its former name, have different values: keep "
                    + "HOOKLINE_DISABLE_DAYS"
            ])
    }

    @Test func bothFlagsOfARenamedSettingMustAgree() throws {
        let equal = try Arguments(["--disable-days", "3", "--broken-days=3"], program: .responder)
        let error = try #require(throws: ConfigurationError.self) {
            try Arguments(["--broken-days", "3", "--disable-days", "4"], program: .responder)
        }

        #expect(equal.flags == [.disableDays: "3"])
        #expect(
            error.description
                == "--disable-days and --broken-days, its former name, have different values: keep --disable-days")
        #expect(error.isUsage)
    }

    @Test func anInvalidValueUnderAFormerNameIsReportedWithBothNames() {
        var reader = SettingReader(values([:], ["HOOKLINE_BROKEN_DAYS": "31"]))

        _ = reader.number(.disableDays)

        #expect(
            reader.errors.map(\.description) == [
                "HOOKLINE_BROKEN_DAYS, now HOOKLINE_DISABLE_DAYS, is \"31\", expected a number from 1 to 30"
            ])
    }

    @Test func aTypoInAFormerNameSuggestsTheCurrentOne() {
        #expect(
            errors(["HOOKLINE_BROKEN_DAY": "1"])
                == [.unknownVariable("HOOKLINE_BROKEN_DAY", nearest: "HOOKLINE_DISABLE_DAYS")])
    }
}
