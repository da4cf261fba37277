import Directory
import ProgramSupport
import TestSupport
import Testing

@testable import ResponderSupport

/// What `--check` tries, whichever program it is.
@Suite
struct StoreCheckTests {
    private enum Program: RespondingProgram {
        static let name = ProgramName.responder
        static let opener: any DirectoryOpening = IncompleteDirectoryOpener(findings: ["no table b"])
        static let help = ProgramHelp(purpose: "", check: "", notes: "")
        static func check(_ configuration: Configuration) -> CheckResult { checkStores(configuration.stores) }
        static func serve(_ configuration: Configuration, start: ProgramStart, log: LogWriter) -> Int32 { 0 }
    }

    @Test func whatIsMissingInTheDirectoryIsAWarningAndARedisThatIsNotThereAProblem() throws {
        let values = SettingValues(
            program: .responder, flags: [.redis: "unix:/nonexistent/redis.sock"], environment: [:])
        let (configuration, errors) = Program.configuration(from: values, environment: [:])

        let result = Program.check(try #require(configuration, "\(errors)"))

        #expect(result.warnings == ["no table b"])
        #expect(result.problems.count == 1)
        #expect(result.problems.first?.hasPrefix("cannot reach Redis") == true)
    }
}
