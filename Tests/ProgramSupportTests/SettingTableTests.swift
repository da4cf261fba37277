import Foundation
import ProgramSupport
import TestSupport
import Testing

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

    @Test func anEmptyVariableIsAsGoodAsNone() {
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

    private func errors(
        _ environment: [String: String], of program: ProgramName = .responder
    ) -> [ConfigurationError] {
        SettingValues(program: program, flags: [:], environment: environment).errors
    }

    @Test(arguments: ProgramName.allCases)
    func oneFileWithEveryVariableOfTheHouseServesEveryProgram(program: ProgramName) {
        let environment = Dictionary(
            uniqueKeysWithValues: Setting.allCases.map { ($0.variable, $0.description.defaultValue) })

        #expect(errors(environment, of: program).isEmpty)
    }

    @Test func aSlipInTheNameOfAnotherProgramsVariableIsFoundTooAndSoIsAWrongFileOnlyInOnesOwn() {
        #expect(
            errors(["HOOKLINE_VISIBILTY_SECONDS": "1"])
                == [.unknownVariable("HOOKLINE_VISIBILTY_SECONDS", nearest: "HOOKLINE_VISIBILITY_SECONDS")])
        #expect(errors(["HOOKLINE_SMTP_FILE": "/nonexistent"]).isEmpty)
        #expect(errors(["HOOKLINE_SMTP_FILE": "/nonexistent"], of: .worker).count == 1)
    }

    @Test func everySettingBelongsToAProgramAndNoTwoHaveTheSameName() {
        #expect(Setting.allCases.allSatisfy { !$0.programs.isEmpty && !$0.description.summary.isEmpty })
        #expect(Set(Setting.allCases.map(\.variable)).count == Setting.allCases.count)
        #expect(Setting.allCases.filter(\.isSecret) == [.redis, .proxy, .smtp])
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

    @Test func theExampleFileNamesEveryVariableWithItsDefaultAndNoOther() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../conf/hookline.env.example")
        let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
        let documented = lines.filter { $0.hasPrefix("#HOOKLINE_") }.map { String($0.dropFirst()) }

        let expected = Setting.allCases.flatMap { setting in
            ["\(setting.variable)=\(setting.description.defaultValue)"]
                + (setting.fileVariable.map { ["\($0)="] } ?? [])
        }

        #expect(documented == expected)
    }

    @Test func everyNumbersDefaultIsInItsRangeAndWhatHasANumberForItsDefaultHasARange() {
        for setting in Setting.allCases {
            let numbers = setting.description.defaultValue.split(separator: ",").compactMap { Int($0) }
            // A mode is octal, a catalogue a version.
            guard let range = setting.range, ![.socketMode, .events].contains(setting) else {
                #expect(numbers.isEmpty || [.socketMode, .events].contains(setting), "\(setting)")
                continue
            }
            #expect(numbers.allSatisfy(range.contains), "\(setting)")
        }
    }

    @Test func theListingOfSettingsHasNoPasswordInWhateverFormItWasGiven() {
        for (setting, text) in [
            (Setting.redis, "redis://ann:hunter2@h.test/0"), (.smtp, "smtp://ann:hunter2@h.test:25"),
            (.smtp, "hunter2@h.test"), (.proxy, "http://ann:hunter2@h.test:3128/x"), (.proxy, "http://hunter2@h test"),
        ] {
            let program: ProgramName = .worker
            let values = SettingValues(program: program, flags: [setting: text], environment: [:])

            #expect(!SettingListing(values).text.contains("hunter2"), "\(text)")
        }
        let values = SettingValues(
            program: .worker, flags: [.smtp: "smtp://ann:hunter2@h.test:25"],
            environment: ["HOOKLINE_PROXY": "http://p:1"])
        #expect(SettingListing(values).text.contains("HOOKLINE_SMTP=smtp://ann:***@h.test:25  (flag)\n"))
        #expect(SettingListing(values).text.contains("HOOKLINE_PROXY=http://p:1  (environment)\n"))
    }
}
