import Foundation
import ProgramSupport
import TestSupport
import Testing

@Suite("The table of settings")
struct SettingTableTests {
    private func values(_ flags: [Setting: String] = [:], _ environment: [String: String] = [:]) -> SettingValues {
        SettingValues(program: .responder, flags: flags, environment: environment)
    }

    @Test("a flag wins over the variable, the variable over the default, and each knows where it came from")
    func precedence() {
        let values = values([.threads: "1"], ["HOOKLINE_THREADS": "2", "HOOKLINE_EVENTS": "26"])

        #expect(values[.threads] == .init(text: "1", source: .flag))
        #expect(values[.events] == .init(text: "26", source: .environment))
        #expect(values[.drainSeconds] == .init(text: "10", source: .defaultValue))
    }

    @Test("an empty variable is as good as none")
    func emptyVariable() {
        #expect(values([:], ["HOOKLINE_THREADS": ""])[.threads].source == .defaultValue)
    }

    @Test("an unknown variable is an error that names the nearest known one")
    func unknownVariable() {
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

    @Test("one file with every variable of the house serves every program", arguments: ProgramName.allCases)
    func oneFile(program: ProgramName) {
        let environment = Dictionary(
            uniqueKeysWithValues: Setting.allCases.map { ($0.variable, $0.description.defaultValue) })

        #expect(errors(environment, of: program).isEmpty)
    }

    @Test("a slip in the name of another program's variable is found, too, and so is a wrong file only in one's own")
    func otherPrograms() {
        #expect(
            errors(["HOOKLINE_VISIBILTY_SECONDS": "1"])
                == [.unknownVariable("HOOKLINE_VISIBILTY_SECONDS", nearest: "HOOKLINE_VISIBILITY_SECONDS")])
        #expect(errors(["HOOKLINE_SMTP_FILE": "/nonexistent"]).isEmpty)
        #expect(errors(["HOOKLINE_SMTP_FILE": "/nonexistent"], of: .worker).count == 1)
    }

    @Test("every setting belongs to a program, and no two have the same name")
    func table() {
        #expect(Setting.allCases.allSatisfy { !$0.programs.isEmpty && !$0.description.summary.isEmpty })
        #expect(Set(Setting.allCases.map(\.variable)).count == Setting.allCases.count)
        #expect(Setting.allCases.filter(\.isSecret) == [.redis, .proxy, .smtp])
    }

    @Test("arguments are taken as --name value and --name=value")
    func arguments() throws {
        let arguments = try Arguments(["--threads", "3", "--listen=unix:/a=b", "--check"], program: .responder)

        #expect(arguments.flags == [.threads: "3", .listen: "unix:/a=b"])
        #expect(arguments.action == .check)
    }

    @Test(
        "a wrong argument is an error that names it",
        arguments: [
            (["--thread", "3"], ConfigurationError.unknownFlag("--thread")), (["extra"], .unknownFlag("extra")),
            (["--threads"], .missingValue(flag: "threads")), ([""], .unknownFlag("")),
            (["--threads", "1", "--threads=2"], .repeatedFlag("threads")),
            (["-threads", "1"], .unknownFlag("-threads")), (["--smtp", "x"], .unknownFlag("--smtp")),
        ])
    func wrongArguments(words: [String], expected: ConfigurationError) {
        #expect(throws: expected) { try Arguments(words, program: .responder) }
    }

    @Test("the example file names every variable with its default, and no other")
    func exampleFile() throws {
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

    @Test("every number's default is in its range, and what has a number for its default has a range")
    func ranges() {
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

    @Test("the listing of settings has no password, in whatever form it was given")
    func listing() {
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
