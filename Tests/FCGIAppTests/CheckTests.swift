import Foundation
import ProgramSupport
import TestSupport
import Testing

@Suite("--check, --help and --version")
struct CheckTests {
    private func run(
        _ flags: [String], environment: [String: String] = [:]
    ) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        try ChildProcess.run(
            [BuiltProducts.path("hookline-fcgi")] + flags, environment: TestResponder.environment(environment))
    }

    @Test("a good configuration: every setting with its source, exit status 0")
    func good() throws {
        let redis = try RedisServer()
        let directory = try TemporaryDirectory()
        let file = try directory.write(redis.url + "\n", to: "redis-url")

        let result = try run(
            ["--check", "--threads", "3"],
            environment: [
                "HOOKLINE_REDIS_FILE": file, "HOOKLINE_DIRECTORY": SampleDirectory.make(in: directory),
                "HOOKLINE_THREADS": "7",
            ])

        #expect(result.status == .exited(0), "\(result.error)")
        #expect(result.error == "")
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == Setting.all(of: .responder).count + 1)
        #expect(lines.contains("HOOKLINE_THREADS=3  (flag)"))
        #expect(lines.contains("HOOKLINE_REDIS=\(redis.url)  (file \(file))"))
        #expect(lines.contains("HOOKLINE_DIRECTORY=sqlite:\(directory.file("directory.sqlite"))  (environment)"))
        #expect(lines.contains("HOOKLINE_DRAIN_SECONDS=10  (default)"))
        #expect(lines.last == "configuration is good")
    }

    @Test("the password of Redis is masked, in every form")
    func mask() throws {
        for address in [
            "redis://ann:hunter2@127.0.0.1:1/0", "unix:/nonexistent?password=hunter2", "redis://hunter2@:x",
        ] {
            let result = try run(["--check"], environment: ["HOOKLINE_REDIS": address])

            #expect(result.status == .exited(78))
            #expect(!(result.output + result.error).contains("hunter2"), "\(address)")
        }
    }

    @Test("Redis that does not answer and a directory that is not there are said in words")
    func unreachable() throws {
        let result = try run(
            ["--check", "--redis", "unix:/nonexistent/redis.sock", "--directory", "sqlite:/nonexistent/directory"])

        #expect(result.status == .exited(78))
        #expect(result.error.contains("hookline-fcgi: cannot reach Redis at unix:/nonexistent/redis.sock: "))
        #expect(result.error.contains("hookline-fcgi: cannot use the directory /nonexistent/directory: "))
        #expect(!result.output.contains("configuration is good"))
    }

    @Test("a directory file that is no database is said in words")
    func noDatabase() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(String(repeating: "no database ", count: 1000), to: "directory")

        let result = try run(["--check", "--directory", "sqlite:\(path)"])

        #expect(result.status == .exited(78))
        #expect(result.error.contains("cannot use the directory \(path): "))
    }

    @Test("an unknown variable and a bad value are said, all of them")
    func mistakes() throws {
        let result = try run(["--check", "--io-seconds", "0"], environment: ["HOOKLINE_LISTN": "x"])

        #expect(result.status == .exited(78))
        #expect(result.error.contains("unknown variable HOOKLINE_LISTN: did you mean HOOKLINE_LISTEN?"))
        #expect(result.error.contains("HOOKLINE_IO_SECONDS is \"0\", expected a number from 1 to 3600"))
    }

    @Test("a normal start refuses the same mistakes")
    func start() throws {
        let unknown = try run(["--listen", "unix:/nonexistent/s"], environment: ["HOOKLINE_LISTN": "x"])
        let noDirectory = try run(["--listen", "unix:/nonexistent/s", "--directory", "sqlite:/nonexistent/directory"])

        #expect(unknown.status == .exited(78))
        #expect(unknown.error.contains("HOOKLINE_LISTN"))
        #expect(noDirectory.status == .exited(78))
        #expect(noDirectory.error.contains("cannot use the directory /nonexistent/directory"))
    }

    @Test("a normal start succeeds without Redis, and what needs Redis answers 503 until it is there")
    func startWithoutRedis() throws {
        let directory = try TemporaryDirectory()
        let responder = try TestResponder(redis: "unix:\(directory.file("redis.sock"))")
        let user = SampleDirectory.signedIn

        let before = try responder.get(SampleDirectory.log, user)
        let redis = try RedisServer(directory: directory)
        try waitUntil("the responder has found Redis", seconds: 20) {
            try responder.get(SampleDirectory.log, user).status == 200
        }

        #expect(before.status == 503)
        #expect(before.header("Retry-After") != nil)
        #expect(redis.process.isRunning)
    }

    @Test("a wrong argument is exit status 64")
    func wrongArgument() throws {
        let result = try run(["--chek"])

        #expect(result.status == .exited(64))
        #expect(result.error == "hookline-fcgi: unknown argument --chek: see --help\n")
    }

    @Test("--help and --version print and exit 0")
    func help() throws {
        let help = try run(["--help"])
        let version = try run(["--version"])

        #expect(help.status == .exited(0))
        #expect(help.output.contains("--drain-seconds SECONDS   HOOKLINE_DRAIN_SECONDS"))
        #expect(version.status == .exited(0))
        #expect(version.output.hasPrefix("hookline-fcgi "))
    }
}
