import Foundation
import TestSupport
import Testing

/// Hookline-worker --check, --help and --version.
@Suite
struct CheckTests {
    private let safe = ["--appendonly", "yes", "--maxmemory-policy", "noeviction"]
    private let mail = [
        "HOOKLINE_SMTP": "smtp://ann:hunter2@mail.example.com:587", "HOOKLINE_MAIL_FROM": "hookline@example.com",
        "HOOKLINE_PLATFORM_URL": "https://sentry.example.com",
        "HOOKLINE_MAIL_TEMPLATES": Repository.path("conf/templates"),
    ]

    @Test func aGoodConfigurationEverySettingWithItsSourceNoWarningExitStatus0() throws {
        let redis = try RedisServer(extraArguments: safe)
        let directory = try TemporaryDirectory()
        let certificates = try TestCertificates()

        let result = try TestWorker.run(
            ["--check", "--concurrency", "3", "--ca-file", certificates.authorityPath],
            environment: mail.merging([
                "HOOKLINE_REDIS": redis.url, "HOOKLINE_DIRECTORY": TestWorker.makeDirectory(in: directory),
                "HOOKLINE_LISTEN": "unix:/run/hookline.sock", "HOOKLINE_ALLOWED_NETWORKS": "10.0.0.0/8",
            ]) { $1 })

        #expect(result.status == .exited(0), "\(result.error)")
        #expect(result.error == "")
        let lines = result.output.split(separator: "\n")
        #expect(lines.contains("HOOKLINE_CONCURRENCY=3  (flag)"))
        #expect(lines.contains("HOOKLINE_ALLOWED_NETWORKS=10.0.0.0/8  (environment)"))
        #expect(lines.contains("HOOKLINE_RETRY_DELAYS=300,300,300  (default)"))
        #expect(lines.contains("HOOKLINE_SMTP=smtp://ann:***@mail.example.com:587  (environment)"))
        #expect(!result.output.contains("HOOKLINE_LISTEN"))
        #expect(!result.output.contains("hunter2"))
        #expect(lines.last == "the configuration is valid")
    }

    @Test func aQueueLimitBelowTheLargestEventIsAWarningWithTheLeastValue() throws {
        let redis = try RedisServer(extraArguments: safe)
        let directory = try TemporaryDirectory()
        let location = try TestWorker.makeDirectory(in: directory)
        func check(_ bytes: String) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
            try TestWorker.run(
                ["--check", "--redis", redis.url, "--directory", location, "--queue-max-bytes", bytes])
        }

        let result = try check("1048576")
        let least = String(try #require(result.error.split(whereSeparator: \.isWhitespace).last))

        #expect(result.status == .exited(0), "\(result.error)")
        #expect(
            result.error.hasPrefix("hookline-worker: warning: HOOKLINE_QUEUE_MAX_BYTES is 1048576, too little for "))
        #expect(result.error.contains("HOOKLINE_MAX_EVENT_BYTES=262144 needs at least"))
        #expect(try check(least).error == "")
    }

    @Test func circuitBreakersWhoseRedisDoesNotRespondAreAWarning() throws {
        let redis = try RedisServer(extraArguments: safe)
        let directory = try TemporaryDirectory()
        let location = try TestWorker.makeDirectory(in: directory)
        func check(_ release: String) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
            try TestWorker.run(
                [
                    "--check", "--redis", redis.url, "--directory", location, "--protocol", release,
                    "--breaker-redis", "unix:\(directory.file("none.sock"))",
                ])
        }

        let result = try check("26.9")

        #expect(result.status == .exited(0), "\(result.error)")
        #expect(result.error.hasPrefix("hookline-worker: warning: HOOKLINE_BREAKER_REDIS: "), "\(result.error)")
        #expect(result.error.hasSuffix("; every circuit breaker counts as closed\n"))
        #expect(try check("26.8").error == "")
    }

    @Test func circuitBreakersWhoseRedisRefusesWritesAreAWarningAndTheCheckLeavesNothing() throws {
        let (redis, breakers) = (try RedisServer(extraArguments: safe), try RedisServer())
        let directory = try TemporaryDirectory()
        let location = try TestWorker.makeDirectory(in: directory)
        func check() throws -> String {
            try TestWorker.run(
                [
                    "--check", "--redis", redis.url, "--directory", location, "--protocol", "26.9", "--breaker-redis",
                    breakers.url,
                ]).error
        }

        for command in ["get", "set", "incrby", "expire", "del"] {
            try breakers.command("ACL", "SETUSER", "default", "-" + command)
            let message = try check()
            #expect(message.contains("NOPERM") && message.contains("closed"), "\(command): \(message)")
            try breakers.command("ACL", "SETUSER", "default", "+" + command)
        }
        try breakers.command("FLUSHALL")
        #expect(try check() == "")
        #expect(try breakers.command("DBSIZE") == ":0\r\n")
    }

    @Test func theReleaseThatIsFollowedAndASoftTimeoutWithoutEffectAreTold() throws {
        let redis = try RedisServer(extraArguments: safe)
        let directory = try TemporaryDirectory()
        let location = try TestWorker.makeDirectory(in: directory)
        let stores = ["--check", "--redis", redis.url, "--directory", location]

        let result = try TestWorker.run(stores)
        #expect(result.output.contains("HOOKLINE_PROTOCOL=auto follows release 23.7: the directory is Hookline's own"))
        #expect(result.error == "")
        #expect(
            try TestWorker.run(stores + ["--webhook-soft-timeout-ms", "5000"]).error
                == "hookline-worker: warning: HOOKLINE_WEBHOOK_SOFT_TIMEOUT_MS is not less than "
                + "HOOKLINE_WEBHOOK_TIMEOUT_MS: it has no effect\n")
    }

    /// A wrong configuration would keep it from being started again.
    @Test func aDatabaseThatDoesNotRespondIsWaitedForAtTheStart() throws {
        let redis = try RedisServer(extraArguments: safe)
        let directory = try TemporaryDirectory()
        let stores = ["--redis", redis.url, "--directory", "postgres://hookline@127.0.0.1:1/none"]
        #expect(try TestWorker.run(["--check"] + stores).status == .exited(78))

        let log = directory.file("worker.log")
        let worker = try ChildProcess(
            [BuiltProducts.path("hookline-worker")] + stores + ["--log-file", log],
            environment: TestWorker.environment([:]))

        try waitUntil("it delivers") {
            ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").contains(#""message":"delivering""#)
        }
        worker.send(signal: SIGTERM)
        #expect(try worker.waitForExit() == .exited(0))
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(text.contains("started with a warning") && text.contains("until it responds"))
    }

    /// It concerns its app alone: others get their webhooks. That it is found is told.
    @Test func aDamagedSecretIsAWarning() throws {
        let redis = try RedisServer(extraArguments: safe)
        let directory = try TemporaryDirectory()
        let location = try SampleDirectory.make(in: directory)
        let key = try directory.write("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", to: "secret.key")
        let damaged = "secretbox:00000000:x"
        let path = String(location.dropFirst("sqlite:".count))
        let script = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1]) as database:
                database.execute("UPDATE apps SET client_secret = ?", (sys.argv[2],))
            """
        let damage = try ChildProcess.run(["/usr/bin/python3", "-c", script, path, damaged], environment: [:])
        #expect(damage.status == .exited(0), "\(damage.error)")
        let arguments = ["--redis", redis.url, "--directory", location, "--secret-key-file", key]

        let check = try TestWorker.run(["--check"] + arguments)
        let once = try TestWorker.run(["--once"] + arguments)

        #expect(check.status == .exited(0), "\(check.error)")
        #expect(check.error.contains("warning: damaged secrets of the directory: 1; "), "\(check.error)")
        #expect(check.error.contains("apps.client_secret of app \(SampleDirectory.appID): "))
        #expect(once.status == .exited(0), "\(once.error)")
    }

    /// What does not end by itself ends the start.
    @Test func aDatabaseOrRoleThatDoesNotExistIsNotWaitedFor() throws {
        let redis = try RedisServer(extraArguments: safe)
        let server = try PostgreSQLServer.shared()
        for url in [server.url(database: "missing"), server.url(user: "nobody-here")] {
            let result = try TestWorker.run(["--redis", redis.url, "--directory", url])
            #expect(result.status == .exited(78), "\(result.error)")
            #expect(result.error.contains("does not exist"), "\(result.error)")
        }
    }

    @Test(arguments: ["x", "26.13", "26.09", "27.1", "23.6"])
    func aReleaseThatIsNotKnownIsRefusedOnce(release: String) throws {
        let result = try TestWorker.run(["--check", "--protocol", release])

        #expect(result.status == .exited(78))
        #expect(result.error.components(separatedBy: "HOOKLINE_PROTOCOL: ").count == 2, "\(result.error)")
    }

    @Test func aRedisThatMayLoseEventsIsGoodEnoughToStartWithAWarningForEachReason() throws {
        let redis = try RedisServer(extraArguments: ["--maxmemory-policy", "allkeys-lru"])
        let directory = try TemporaryDirectory()

        let result = try TestWorker.run(
            ["--check", "--redis", redis.url, "--directory", TestWorker.makeDirectory(in: directory)])

        #expect(result.status == .exited(0), "\(result.error)")
        #expect(result.error.contains("hookline-worker: warning: Redis writes no append-only file"))
        #expect(result.error.contains("hookline-worker: warning: Redis evicts keys"))
        #expect(result.output.hasSuffix("the configuration is valid\n"))
    }

    @Test func missingRedisDirectoryCertificatesAndTemplatesAreAllReported() throws {
        let result = try TestWorker.run(
            [
                "--check", "--redis", "unix:/nonexistent/redis.sock", "--directory", "sqlite:/nonexistent/directory",
                "--ca-file", "/nonexistent/ca.pem", "--mail-templates", "/nonexistent/templates",
            ], environment: mail)

        #expect(result.status == .exited(78))
        #expect(result.error.contains("hookline-worker: cannot reach Redis at unix:/nonexistent/redis.sock: "))
        #expect(result.error.contains("hookline-worker: cannot open the directory database /nonexistent/directory: "))
        #expect(result.error.contains("HOOKLINE_CA_FILE: cannot read /nonexistent/ca.pem: No such file or directory"))
        #expect(result.error.contains("/nonexistent/templates/integration-disabled.subject"))
        #expect(!result.output.contains("the configuration is valid"))
    }

    @Test func aCertificateFileWithoutACertificateAndATemplateWithAnUnknownValueAreReported() throws {
        let redis = try RedisServer(extraArguments: safe)
        let directory = try TemporaryDirectory()
        let noCertificate = try directory.write("-----BEGIN PRIVATE KEY-----\n", to: "ca.pem")
        for name in ["integration-disabled", "integration-warning", "integration-breaker"] {
            for kind in ["subject", "txt", "html"] { try directory.write("{{nobody}}", to: "\(name).\(kind)") }
        }

        let result = try TestWorker.run(
            [
                "--check", "--redis", redis.url, "--directory", TestWorker.makeDirectory(in: directory), "--ca-file",
                noCertificate, "--mail-templates", directory.path,
            ], environment: mail)

        #expect(result.status == .exited(78))
        #expect(result.error.contains("HOOKLINE_CA_FILE: \(noCertificate) has no PEM certificate\n"))
        #expect(result.error.contains("nobody"))
    }

    @Test func allErrorsInSettingsAreReportedAndAnotherProgramsVariableIsNone() throws {
        let result = try TestWorker.run(
            ["--check", "--retry-delays", "soon", "--allowed-networks", "10.0.0.1/8"],
            environment: ["HOOKLINE_CONCURENCY": "1", "HOOKLINE_SOCKET_MODE": "0660", "HOOKLINE_SMTP": "mail"])

        #expect(result.status == .exited(78))
        #expect(result.error.contains("unknown variable HOOKLINE_CONCURENCY: did you mean HOOKLINE_CONCURRENCY?"))
        #expect(result.error.contains("HOOKLINE_RETRY_DELAYS is \"soon\", expected at most 20 comma-separated numbers"))
        #expect(result.error.contains("HOOKLINE_ALLOWED_NETWORKS: network \"10.0.0.1/8\" has bits set"))
        #expect(result.error.contains("HOOKLINE_SMTP: "))
        #expect(!result.error.contains("SOCKET_MODE"))
    }

    @Test func aNormalStartRefusesTheSameMistakesAndWhatIsMissingOnThisMachine() throws {
        let unknown = try TestWorker.run([], environment: ["HOOKLINE_X": "x"])
        let noDirectory = try TestWorker.run(["--directory", "sqlite:/nonexistent/directory"])

        #expect(unknown.status == .exited(78))
        #expect(
            unknown.error == "hookline-worker: unknown variable HOOKLINE_X: remove it, or see --help for the names\n")
        #expect(noDirectory.status == .exited(78))
        #expect(noDirectory.error.contains("cannot open the directory database /nonexistent/directory"))
    }

    @Test func aWrongArgumentIsExitStatus64AndAnotherProgramsFlagIsOne() throws {
        let result = try TestWorker.run(["--listen", "inherited"])

        #expect(result.status == .exited(64))
        #expect(result.error == "hookline-worker: unknown argument --listen: see --help\n")
    }

    @Test func helpAndVersionPrintAndExit0() throws {
        let help = try TestWorker.run(["--help"])
        let version = try TestWorker.run(["--version"])

        #expect(help.status == .exited(0))
        #expect(help.output.contains("Usage: hookline-worker [--check | --once] [settings]\n"))
        #expect(!help.output.contains("\n\n\n"))
        #expect(help.output.contains("--retry-delays LIST   HOOKLINE_RETRY_DELAYS"))
        #expect(
            help.output.contains(
                "HOOKLINE_REDIS_FILE, HOOKLINE_DIRECTORY_FILE, HOOKLINE_BREAKER_REDIS_FILE, HOOKLINE_PROXY_FILE, "
                    + "HOOKLINE_SMTP_FILE\nname files"))
        #expect(!help.output.contains("HOOKLINE_LISTEN"))
        #expect(version.status == .exited(0))
        #expect(version.output.hasPrefix("hookline-worker "))
    }
}
