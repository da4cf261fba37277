import Directory
import ProgramSupport
import TestSupport
import Testing

@testable import Worker

/// What is found before the worker takes its first event.
@Suite struct StartupCheckTests {
    private func checks(_ opener: any DirectoryOpening) throws -> StartupChecks {
        var reader = WorkerConfigurationReader(
            SettingValues(program: .worker, flags: [.directory: "sqlite:/nonexistent/directory"], environment: [:]),
            opener: opener)
        let read = reader.read()
        return StartupChecks(configuration: try #require(read, "\(reader.errors)"))
    }

    @Test func whatIsMissingInTheDirectoryIsAWarning() throws {
        let result = try checks(IncompleteDirectoryOpener(findings: ["no right to read a", "no table b"])).localResult()

        #expect(result.warnings == ["no right to read a", "no table b"])
        #expect(result.problems == [])
    }

    @Test func aDirectoryThatCannotBeReadIsAProblem() throws {
        let result = try checks(EmbeddedDirectoryOpener()).localResult()

        #expect(result.warnings == [])
        #expect(result.problems.count == 1)
        #expect(result.problems.first?.contains("/nonexistent/directory") == true)
    }
}
