import Foundation
import ProgramSupport
import TestSupport
import Testing

/// --check, --help and --version.
@Suite
struct CheckTests {
    private func run(
        _ flags: [String], environment: [String: String] = [:]
    ) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        try ChildProcess.run(
            [BuiltProducts.path("hookline-fcgi")] + flags, environment: TestResponder.environment(environment))
    }

    @Test func aGoodConfigurationEverySettingWithItsSourceExitStatus0() throws {
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
        #expect(lines.count == Setting.all(of: .responder).count + 4, "secrets, release, policy, verdict")
        #expect(lines.contains("HOOKLINE_THREADS=3  (flag)"))
        #expect(lines.contains("HOOKLINE_REDIS=\(redis.url)  (file \(file))"))
        #expect(lines.contains("HOOKLINE_DIRECTORY=sqlite:\(directory.file("directory.sqlite"))  (environment)"))
        #expect(lines.contains("HOOKLINE_DRAIN_SECONDS=10  (default)"))
        #expect(lines.last == "the configuration is valid")
    }

    /// What does not end by itself ends the start; for anything else see `aDatabaseThatDoesNotRespondIsWaitedFor`.
    @Test func aDatabaseOrRoleThatDoesNotExistIsNotWaitedFor() throws {
        let redis = try RedisServer()
        let folder = try TemporaryDirectory()
        let server = try PostgreSQLServer.shared()
        for url in [server.url(database: "missing"), server.url(user: "nobody-here")] {
            let result = try run([
                "--redis", redis.url, "--directory", url, "--listen", "unix:" + folder.file("fcgi.sock"),
            ])
            #expect(result.status == .exited(78), "\(result.error)")
            #expect(result.error.contains("does not exist"), "\(result.error)")
        }
    }

    @Test func aDatabaseThatDoesNotRespondIsWaitedFor() throws {
        let redis = try RedisServer()
        let folder = try TemporaryDirectory()
        let socket = folder.file("fcgi.sock")
        let responder = try ChildProcess(
            [
                BuiltProducts.path("hookline-fcgi"), "--redis", redis.url, "--listen", "unix:" + socket, "--directory",
                "postgres://hookline@127.0.0.1:1/none",
            ], environment: TestResponder.environment([:]))

        try waitUntil("it listens") { access(socket, F_OK) == 0 }
        try waitUntil("it has told why requests get 503") {
            responder.standardError.contains("until it responds")
        }
        responder.send(signal: SIGTERM)
        #expect(try responder.waitForExit() == .exited(0))
    }

    /// A directory of Hookline's own that the program may only read is no fault; who manages apps by HTTP sees why.
    @Test(.enabled(if: getuid() == 0, "needs the superuser, to run the program as another user"))
    func aDirectoryThatTheProgramMayOnlyReadTurnsTheManagementAPIOff() throws {
        let port = try freePort()
        let redis = try RedisServer(port: port)
        let directory = try TemporaryDirectory()
        let location = try SampleDirectory.make(in: directory)
        let path = directory.file("directory.sqlite")
        #expect(chmod(directory.path, 0o755) == 0)
        for suffix in ["", "-wal", "-shm"] { #expect(chmod(path + suffix, 0o644) == 0) }
        let environment = TestResponder.environment([
            "HOOKLINE_REDIS": "redis://127.0.0.1:\(port)/0", "HOOKLINE_DIRECTORY": location,
        ])
        let program = try BuiltProducts.path("hookline-fcgi")

        defer { withExtendedLifetime(redis) {} }
        let owner = try ChildProcess.run([program, "--check"], environment: environment)
        let other = try ChildProcess.run(
            ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--", program, "--check"],
            environment: environment)

        #expect(owner.status == .exited(0) && !owner.output.contains("management"), "\(owner.error)")
        #expect(other.status == .exited(0), "\(other.error)")
        #expect(
            other.output.contains("the management API is off, because")
                && other.output.contains("may not write \(path)"),
            "\(other.output)")
    }

    /// At the least values nothing is said, below them both settings and the value.
    @Test func limitsBelowTheLargestEventAreNamedWithTheLeastValues() throws {
        let redis = try RedisServer()
        let directory = try TemporaryDirectory()
        let environment = [
            "HOOKLINE_REDIS": redis.url, "HOOKLINE_DIRECTORY": try SampleDirectory.make(in: directory),
            "HOOKLINE_MAX_EVENT_BYTES": "524288", "HOOKLINE_QUEUE_SHARDS": "2",
        ]
        let tooLow = try run(
            ["--check"],
            environment: environment.merging([
                "HOOKLINE_QUEUE_MAX_BYTES": "7000000", "HOOKLINE_BODY_MEMORY_BYTES": "9000000",
                "HOOKLINE_MAX_BODY_BYTES": "500000",
            ]) { $1 })
        let lines = tooLow.error.split(separator: "\n")
        #expect(tooLow.status == .exited(0))
        #expect(lines.count == 3)
        var least: [String: String] = [:]
        for variable in ["HOOKLINE_QUEUE_MAX_BYTES", "HOOKLINE_BODY_MEMORY_BYTES", "HOOKLINE_MAX_BODY_BYTES"] {
            let line = try #require(lines.first { $0.hasPrefix("hookline-fcgi: warning: \(variable) is ") })
            #expect(line.contains("HOOKLINE_MAX_EVENT_BYTES=524288"))
            least[variable] = String(try #require(line.split(separator: " ").last))
        }
        #expect(least["HOOKLINE_MAX_BODY_BYTES"] == "524288")

        let enough = try run(["--check"], environment: environment.merging(least) { $1 })

        #expect(enough.status == .exited(0))
        #expect(enough.error == "")
        for (variable, value) in least {
            let below = String(try #require(Int(value)) - 1)
            let result = try run(
                ["--check"], environment: environment.merging(least) { $1 }.merging([variable: below]) { $1 })
            #expect(result.error.hasPrefix("hookline-fcgi: warning: \(variable) is \(below), too little"))
        }
    }

    @Test func limitsBelowTheLargestEventAreAWarningInTheLogAtTheStart() throws {
        let responder = try TestResponder(["--queue-max-bytes", "1048576", "--body-memory-bytes", "1048576"])

        _ = try responder.stop()

        let reasons = responder.logLines(message: "limits contradict each other").compactMap { $0["reason"] as? String }

        #expect(reasons.count == 2)
        #expect(reasons.contains { $0.hasPrefix("HOOKLINE_QUEUE_MAX_BYTES is 1048576, too little") })
        #expect(reasons.contains { $0.hasPrefix("HOOKLINE_BODY_MEMORY_BYTES is 1048576, too little") })
    }

    @Test func thePasswordOfRedisIsMaskedInEveryForm() throws {
        for address in [
            "redis://ann:hunter2@127.0.0.1:1/0", "unix:/nonexistent?password=hunter2", "redis://hunter2@:x",
        ] {
            let result = try run(["--check"], environment: ["HOOKLINE_REDIS": address])

            #expect(result.status == .exited(78))
            #expect(!(result.output + result.error).contains("hunter2"), "\(address)")
        }
    }

    @Test(arguments: ["hookline-fcgi", "hookline-worker"])
    func thePasswordOfTheDirectoryIsRefusedAsAFlagAndMaskedInEveryForm(program: String) throws {
        let url = "postgres://ann:hunter2@127.0.0.1:1/d?password=hunter2"
        let directory = try TemporaryDirectory()
        let file = try directory.write("sqlite:\(directory.path)/from-file\n", to: "location")
        func check(
            _ flags: [String], _ environment: [String: String]
        ) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
            try ChildProcess.run(
                [BuiltProducts.path(program), "--check"] + flags, environment: TestResponder.environment(environment))
        }

        let flag = try check(["--directory", url], [:])
        let variable = try check([], ["HOOKLINE_DIRECTORY": url])
        let mistyped = try check([], ["HOOKLINE_DIRECTORY": "postgress://ann:hunter2@h/d"])
        let inFile = try check([], ["HOOKLINE_DIRECTORY_FILE": file])

        #expect(flag.status == .exited(78))
        #expect(flag.error.contains("\(program): --directory holds a password"))
        #expect(variable.output.contains("HOOKLINE_DIRECTORY=postgres://ann:***@127.0.0.1:1/d  (environment)\n"))
        #expect(!variable.error.contains("--directory holds a password"))
        #expect(mistyped.error.contains("HOOKLINE_DIRECTORY: \"***\" is not a valid directory address"))
        for result in [flag, variable, mistyped] { #expect(!(result.output + result.error).contains("hunter2")) }
        #expect(inFile.output.contains("HOOKLINE_DIRECTORY=sqlite:\(directory.path)/from-file  (file \(file))\n"))
    }

    /// Both programs.
    @Test(
        arguments: ["hookline-fcgi", "hookline-worker"], ["READONLY", "NOPERM", "OOM", "MISCONF", "NOREPLICAS"])
    func aRedisThatRefusesWritesIsAProblemInItsOwnWords(program: String, code: String) throws {
        let redis = try RedisServer()
        try RefusingRedis.prepare(redis, code)

        let result = try check(program, redis)

        #expect(result.status == .exited(78))
        #expect(result.error.contains(code), "\(result.error)")
        #expect(!result.output.contains("the configuration is valid"))
    }

    @Test(arguments: ["hookline-fcgi", "hookline-worker"])
    func aCheckLeavesNothingInRedis(program: String) throws {
        let redis = try RedisServer()

        let result = try check(program, redis)

        #expect(result.status == .exited(0), "\(result.error)")
        #expect(try redis.command("KEYS", "*") == "*0\r\n")
    }

    private func check(
        _ program: String, _ redis: RedisServer
    ) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        let directory = try TemporaryDirectory()
        return try ChildProcess.run([
            BuiltProducts.path(program), "--check", "--redis", redis.url, "--directory",
            SampleDirectory.make(in: directory),
        ])
    }

    @Test func anUnresponsiveRedisAndAMissingDirectoryAreReported() throws {
        let result = try run(
            ["--check", "--redis", "unix:/nonexistent/redis.sock", "--directory", "sqlite:/nonexistent/directory"])

        #expect(result.status == .exited(78))
        #expect(result.error.contains("hookline-fcgi: cannot reach Redis at unix:/nonexistent/redis.sock: "))
        #expect(result.error.contains("hookline-fcgi: cannot open the directory database /nonexistent/directory: "))
        #expect(!result.output.contains("the configuration is valid"))
    }

    @Test func aDirectoryFileThatIsNotADatabaseIsReported() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(String(repeating: "no database ", count: 1000), to: "directory")

        let result = try run(["--check", "--directory", "sqlite:\(path)"])

        #expect(result.status == .exited(78))
        #expect(result.error.contains("cannot open the directory database \(path): "))
    }

    @Test func unknownVariablesAndInvalidValuesAreAllReported() throws {
        let result = try run(["--check", "--io-seconds", "0"], environment: ["HOOKLINE_LISTN": "x"])

        #expect(result.status == .exited(78))
        #expect(result.error.contains("unknown variable HOOKLINE_LISTN: did you mean HOOKLINE_LISTEN?"))
        #expect(result.error.contains("HOOKLINE_IO_SECONDS is \"0\", expected a number from 1 to 3600"))
    }

    @Test func aNormalStartRefusesTheSameMistakes() throws {
        let unknown = try run(["--listen", "unix:/nonexistent/s"], environment: ["HOOKLINE_LISTN": "x"])
        let noDirectory = try run(["--listen", "unix:/nonexistent/s", "--directory", "sqlite:/nonexistent/directory"])

        #expect(unknown.status == .exited(78))
        #expect(unknown.error.contains("HOOKLINE_LISTN"))
        #expect(noDirectory.status == .exited(78))
        #expect(noDirectory.error.contains("cannot open the directory database /nonexistent/directory"))
    }

    @Test func aNormalStartSucceedsWithoutRedisAndWhatNeedsRedisAnswers503UntilItIsThere() throws {
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

    @Test func aWrongArgumentIsExitStatus64() throws {
        let result = try run(["--chek"])

        #expect(result.status == .exited(64))
        #expect(result.error == "hookline-fcgi: unknown argument --chek: see --help\n")
    }

    @Test(arguments: [
        ("hookline-fcgi", "--help"), ("hookline-fcgi", "--version"), ("hookline-fcgi", "--check"),
        ("hookline-worker", "--help"), ("hookline-worker", "--version"), ("hookline-worker", "--check"),
    ])
    func textThatCannotBeWrittenIsAnError(program: String, flag: String) throws {
        for target in [">/dev/full", ">&-"] {
            let result = try ChildProcess.run(
                ["sh", "-c", "exec \"$0\" \"$1\" \(target)", BuiltProducts.path(program), flag],
                environment: TestResponder.environment([:]))

            #expect(result.status == .exited(73))
            #expect(result.error.hasPrefix("\(program): cannot write to standard output: "))
        }
    }

    @Test func helpAndVersionPrintAndExit0() throws {
        let help = try run(["--help"])
        let version = try run(["--version"])

        #expect(help.status == .exited(0))
        for setting in Setting.all(of: .responder) {
            #expect(help.output.contains("--\(setting.flag) "))
            #expect(help.output.contains(setting.variable))
            #expect(help.output.contains(setting.row.help.filter { $0 != "`" }))
        }
        #expect(help.output.contains("--drain-seconds SECONDS   HOOKLINE_DRAIN_SECONDS"))
        #expect(
            help.output.contains(
                "HOOKLINE_REDIS_FILE, HOOKLINE_DIRECTORY_FILE, HOOKLINE_BREAKER_REDIS_FILE, HOOKLINE_SESSION_SECRET_FILE"
            ))
        #expect(help.output.contains("Usage: hookline-fcgi [--check [--session-cookie-stdin]] [settings]\n"))
        #expect(help.output.contains("--session-cookie-stdin makes it"))
        #expect(!help.output.contains("\n\n\n"))
        #expect(!help.output.contains("HOOKLINE_SMTP"))
        #expect(version.status == .exited(0))
        #expect(version.output.hasPrefix("hookline-fcgi "))
    }
}
