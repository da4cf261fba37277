import Foundation
import ProgramSupport
import TestSupport
import Testing

/// The settings file.
@Suite
struct SettingsFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func values(
        _ text: String, flags: [Setting: String] = [:], environment: [String: String] = [:],
        program: ProgramName = .responder
    ) throws -> SettingValues {
        let path = try directory.write(text, to: "env")
        return SettingValues(
            program: program, flags: flags,
            environment: environment.merging(["HOOKLINE_SETTINGS_FILE": path]) { $1 })
    }

    @Test func itsLinesAreSettingsEachWithItsPlace() throws {
        let values = try values("# a comment\n\n; another\nHOOKLINE_THREADS=3\n  HOOKLINE_EVENTS = 26 \n")

        #expect(values.errors.isEmpty)
        #expect(values[.threads] == .init(text: "3", source: .settingsFile(path: directory.file("env"), line: 4)))
        #expect(values[.events].text == "26")
        #expect(
            SettingTexts.listing(of: values).contains("HOOKLINE_THREADS=3  (file \(directory.file("env")) line 4)\n"))
    }

    @Test func theEnvironmentWinsOverItTheFlagOverBothAnEmptyVariableDoesNot() throws {
        let text = "HOOKLINE_THREADS=1\nHOOKLINE_EVENTS=26\nHOOKLINE_IO_SECONDS=7\n"
        let values = try values(
            text, flags: [.threads: "3"],
            environment: ["HOOKLINE_THREADS": "2", "HOOKLINE_EVENTS": "23.7", "HOOKLINE_IO_SECONDS": ""])

        #expect(values[.threads] == .init(text: "3", source: .flag))
        #expect(values[.events] == .init(text: "23.7", source: .environment))
        #expect(values[.inputOutputSeconds].text == "7")
    }

    @Test func theFlagSettingsFileWinsOverTheVariable() throws {
        let path = try directory.write("HOOKLINE_THREADS=9\n", to: "other")

        let values = try values("HOOKLINE_THREADS=1\n", flags: [.settingsFile: path])

        #expect(values[.threads].text == "9")
    }

    @Test func ofANameThatStandsThereTwiceTheLastCounts() throws {
        #expect(try values("HOOKLINE_THREADS=1\nHOOKLINE_THREADS=2\n")[.threads].text == "2")
    }

    @Test(arguments: [
        ("plain", "plain"), ("  spaces around  ", "spaces around"),
        ("\"double \\\"quotes\\\" \\$ \\\\ \\n\"", "double \"quotes\" $ \\ \\n"),
        ("'single \"quotes\" \\ '", "single \"quotes\" \\ "), ("a # b", "a # b"), ("a\\ b\\#c", "a b#c"), ("", ""),
        ("inner \"quotes\" 'stay'", "inner \"quotes\" 'stay'"), ("\"joined\"'parts' end", "joinedpartsend"),
        ("crlf\r", "crlf"), ("größe", "größe"), ("a=b", "a=b"),
    ])
    func valuesAreReadAsSystemdReadsThem(text: String, expected: String) throws {
        let values = try values("HOOKLINE_SOCKET_GROUP=\(text)\nHOOKLINE_THREADS=5\n")

        #expect(values.errors.isEmpty, "\(values.errors)")
        #expect(values[.socketGroup].text == expected)
        #expect(values[.threads].text == "5")
    }

    @Test(arguments: [
        ("HOOKLINE_THREADS", "expected NAME=VALUE, or a comment that begins with #"),
        ("export HOOKLINE_THREADS=1", "a name consists of letters, digits and _, and does not begin with a digit"),
        ("=1", "a name consists of letters, digits and _, and does not begin with a digit"),
        ("HOOKLINE_THREADS=\"1", "a quote is not closed; values cannot span lines"),
        ("HOOKLINE_THREADS='1", "a quote is not closed; values cannot span lines"),
        ("HOOKLINE_THREADS=1\\", "a backslash ends the line; values cannot span lines"),
        ("HOOKLINE_THRED=1", "unknown variable HOOKLINE_THRED: did you mean HOOKLINE_THREADS?"),
        ("TZ=UTC", "unknown variable TZ: remove it, or see --help for the names"),
        (
            "HOOKLINE_SETTINGS_FILE=/x",
            "HOOKLINE_SETTINGS_FILE must be set in the environment: a settings file cannot name another one"
        ),
    ])
    func whatHasNoEffectIsAnErrorWithItsLine(line: String, reason: String) throws {
        let values = try values("HOOKLINE_EVENTS=26\n\n\(line)\n")

        #expect(values.errors.map(\.description) == ["\(directory.file("env")) line 3: \(reason)"])
    }

    @Test func aFileThatIsNotThereIsAnError() {
        let values = SettingValues(program: .worker, flags: [.settingsFile: "/nonexistent"], environment: [:])

        #expect(values.errors.map(\.description) == ["settings file /nonexistent: No such file or directory"])
    }

    @Test func aValueThatIsWrongIsReportedWithItsLine() throws {
        var reader = SettingReader(try values("\nHOOKLINE_DRAIN_SECONDS=soon\n"))

        _ = reader.number(.drainSeconds)

        #expect(
            reader.errors.first?.description
                == "HOOKLINE_DRAIN_SECONDS (\(directory.file("env")) line 2) is \"soon\", expected a number from 0 to 3600 seconds"
        )
    }

    @Test func aSecretMayStandThereOrInTheFileThatItNamesBothAreAnErrorAndTheEnvironmentsFormWins() throws {
        let secret = try directory.write("redis://:hunter2@h.test/1\n", to: "secret")

        let named = try values("HOOKLINE_REDIS_FILE=\(secret)\n")
        let both = try values("HOOKLINE_REDIS_FILE=\(secret)\nHOOKLINE_REDIS=unix:/r\n")
        let overridden = try values("HOOKLINE_REDIS_FILE=\(secret)\n", environment: ["HOOKLINE_REDIS": "unix:/r"])

        #expect(named[.redis] == .init(text: "redis://:hunter2@h.test/1", source: .file(secret)))
        #expect(both.errors == [.bothForms(variable: "HOOKLINE_REDIS", fileVariable: "HOOKLINE_REDIS_FILE")])
        #expect(overridden[.redis] == .init(text: "unix:/r", source: .environment))
        #expect(overridden.errors.isEmpty)
    }

    @Test(arguments: ["HOOKLINE_REDIS_FILE", "HOOKLINE_DIRECTORY_FILE", "HOOKLINE_SESSION_SECRET_FILE"])
    func aFileWithAValueHasOneLine(variable: String) throws {
        func errors(_ text: String) throws -> [String] {
            let path = try directory.write(text, to: "value")
            return SettingValues(program: .responder, flags: [:], environment: [variable: path]).errors.map {
                $0.description.replacing(path, with: "FILE")
            }
        }
        let name = variable.replacing("_FILE", with: "")

        for text in ["", "hunter2", "hunter2\n", "hunter2\r\n", "hunter2\n\n\n", "hunter2\n \t\n\r\n", "\n"] {
            #expect(try errors(text).isEmpty, "\(text)")
        }
        for text in ["hunter2\nhunter2", "hunter2\n\nhunter2\n", "\nhunter2", "#\r\nhunter2\r\n"] {
            let count = text.contains("\n\n") ? 3 : 2
            #expect(
                try errors(text) == ["\(variable): FILE has \(count) lines: expected the value of \(name) alone"])
        }
    }

    @Test(arguments: ProgramName.allCases)
    func oneFileServesEveryProgram(program: ProgramName) throws {
        let text = Setting.allCases.filter { $0 != .settingsFile }
            .map { "\($0.variable)=\($0.defaultValue)\n" }.joined()

        #expect(try values(text, program: program).errors.isEmpty)
    }
}
