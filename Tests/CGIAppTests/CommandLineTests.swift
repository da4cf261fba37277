import Foundation
import TestSupport
import Testing

/// `hookline-cgi` started by a person.
@Suite
struct CommandLineTests {
    private func run(
        _ flags: [String], environment: [String: String] = [:]
    ) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        try ChildProcess.run(
            [BuiltProducts.path("hookline-cgi")] + flags, environment: ProgramRun.environment(environment))
    }

    @Test func aCheckShowsAndTestsTheSettingsThatItHas() throws {
        let redis = try RedisServer()
        let directory = try TemporaryDirectory()
        let location = try SampleDirectory.make(in: directory)

        let good = try run(["--check", "--redis", redis.url, "--directory", location])
        let missing = try run(["--check", "--redis", redis.url, "--directory", "sqlite:/nonexistent/directory"])

        #expect(good.status == .exited(0), "\(good.error)")
        #expect(good.output.contains("HOOKLINE_DIRECTORY=\(location)  (flag)\n"))
        #expect(good.output.contains("HOOKLINE_CGI_STATUS=off  (default)\n"))
        #expect(!good.output.contains("HOOKLINE_THREADS"))
        #expect(good.output.hasSuffix("the configuration is valid\n"))
        #expect(missing.status == .exited(78))
        #expect(missing.error.contains("hookline-cgi: cannot open the directory database /nonexistent/directory: "))
    }

    @Test func withoutARequestItSaysWhatStartsIt() throws {
        let result = try run([], environment: ["HOOKLINE_DIRECTORY": "sqlite:/nonexistent/directory"])

        #expect(result.status == .exited(64))
        #expect(result.output == "")
        #expect(result.error.hasPrefix("hookline-cgi: no request: a web server starts this program for each one"))
    }

    @Test func helpSaysNothingOfASignalOrADrain() throws {
        let help = try run(["--help"])
        let version = try run(["--version"])

        #expect(help.status == .exited(0))
        #expect(help.output.contains("--io-seconds SECONDS   HOOKLINE_IO_SECONDS"))
        #expect(!help.output.contains("drain"))
        #expect(!help.output.contains("signal"))
        #expect(version.output.hasPrefix("hookline-cgi "))
    }
}
