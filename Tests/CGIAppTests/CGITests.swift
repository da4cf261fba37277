import Foundation
import TestSupport
import Testing

/// `hookline-cgi` under a web server, and `hookline-fcgi`, which can do the same.
@Suite
struct CGITests {
    private static let program = "hookline-cgi"

    private func run(
        _ variables: [String: String], arguments: [String] = [], body: String? = nil, hasDirectory: Bool = true,
        program: String = program
    ) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        let directory = try TemporaryDirectory()
        var environment = [
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
            "HOOKLINE_DIRECTORY": hasDirectory ? try SampleDirectory.make(in: directory) : "sqlite:/nonexistent",
        ]
        environment.merge(variables) { $1 }
        return try ChildProcess.run(
            [BuiltProducts.path(program)] + arguments, environment: environment, standardInput: body)
    }

    @Test(arguments: [program, "hookline-fcgi"])
    func itAnswersOneRequestFromItsEnvironment(program: String) throws {
        let result = try run(["PATH_INFO": "/-/ping", "REQUEST_ID": "abc-1"], program: program)

        #expect(result.status == .exited(0))
        #expect(result.output.hasPrefix("Status: 200 OK\r\n"))
        #expect(result.output.contains("\r\nX-Request-ID: abc-1\r\n"))
        #expect(ProgramRun.logLines(result.error, message: "request").count == 1)
    }

    @Test func theStatusPageIsThereOnlyIfASettingSaysSo() throws {
        for variables in [["PATH_INFO": "/-/status"], ["REQUEST_URI": "/-/status?full"]] {
            let off = try run(variables)
            let on = try run(variables.merging(["HOOKLINE_CGI_STATUS": "on"]) { $1 })

            #expect(off.output.hasPrefix("Status: 404 Not Found\r\n"))
            #expect(!off.output.contains("hookline"))
            #expect(on.output.hasPrefix("Status: 200 OK\r\n"))
        }
    }

    @Test(arguments: [program, "hookline-fcgi"])
    func itSaysWhereToSignOutAndRefusesWhatIsNoAddress(program: String) throws {
        let request = [
            "REQUEST_URI": "/api/0/hookline/info/", "AUTH_TYPE": "Basic", "REMOTE_USER": SampleDirectory.user,
        ]

        let good = try run(request.merging(["HOOKLINE_SIGN_OUT_URL": "/oauth2/sign_out"]) { $1 }, program: program)
        let bad = try run(request.merging(["HOOKLINE_SIGN_OUT_URL": "javascript:alert(1)"]) { $1 }, program: program)

        #expect(good.output.hasPrefix("Status: 200 OK\r\n"), "\(good.output)")
        #expect(good.output.contains(#""signOutUrl":"/oauth2/sign_out""#))
        #expect(good.output.contains(#""user":{"username":"\#(SampleDirectory.user)","name":"Owner""#))
        #expect(bad.output.hasPrefix("Status: 500 "))
        #expect(bad.error.contains("HOOKLINE_SIGN_OUT_URL: expected a path that begins with /"), "\(bad.error)")
    }

    /// It knows who asks, unlike the status page.
    @Test func theStatusForSuperusersNeedsNoSetting() throws {
        let nobody = try run(["REQUEST_URI": "/api/0/hookline/status/"])
        let owner = try run([
            "REQUEST_URI": "/api/0/hookline/status/", "AUTH_TYPE": "Basic", "REMOTE_USER": SampleDirectory.user,
            "AUTH_SUPERUSER": "1",
        ])

        #expect(nobody.output.hasPrefix("Status: 401 "))
        #expect(owner.output.hasPrefix("Status: 403 "))
        #expect(owner.output.contains("Only an active superuser may read the status."))
    }

    @Test func argumentsWhichAWebServerMayMakeOfAClientsQueryMeanNothing() throws {
        let result = try run(["PATH_INFO": "/-/ping"], arguments: ["--version"])

        #expect(result.output.hasPrefix("Status: 200 OK\r\n"))
    }

    @Test func theBodyComesFromDescriptor0AsLongAsAnnouncedAndNoLonger() throws {
        let variables = ["REQUEST_METHOD": "POST", "PATH_INFO": "/-/ping"]

        let whole = try run(variables.merging(["CONTENT_LENGTH": "3"]) { $1 }, body: "abcdef")
        let short = try run(variables.merging(["CONTENT_LENGTH": "7"]) { $1 }, body: "abcdef")

        #expect(!whole.output.contains("incomplete"))
        #expect(short.output.hasPrefix("Status: 400 Bad Request\r\n"))
        #expect(short.output.contains("7 bytes were announced, 6 arrived"))
    }

    @Test func aBodyThatDoesNotComeEndsIn408AfterTheDeadline() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let process = try ChildProcess(
            [BuiltProducts.path(Self.program)],
            environment: [
                "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "PATH_INFO": "/-/ping", "CONTENT_LENGTH": "3",
                "HOOKLINE_IO_SECONDS": "1",
            ], standardInput: ends[0])

        #expect(try process.waitForExit() == .exited(0))
        #expect(process.standardOutput.hasPrefix("Status: 408 Request Timeout\r\n"))
    }

    @Test func withoutADirectoryItAnswers503WhereItNeedsOne() throws {
        let result = try run(
            ["PATH_INFO": SampleDirectory.log, "AUTH_TYPE": "Basic", "REMOTE_USER": SampleDirectory.user],
            hasDirectory: false)

        #expect(result.output.hasPrefix("Status: 503 Service Unavailable\r\n"))
        #expect(ProgramRun.logLines(result.error, message: "request failed").count == 1)
    }

    @Test func withAWrongConfigurationTheClientGetsA500WithoutTheReasonsTheServersLogHasThem() throws {
        let result = try run(["PATH_INFO": "/-/ping", "HOOKLINE_IO_SECONDS": "x"])

        #expect(result.status == .exited(78))
        #expect(result.output.hasPrefix("Status: 500 Internal Server Error\r\n"))
        #expect(!result.output.contains("HOOKLINE_IO_SECONDS"))
        #expect(result.error.contains("hookline-cgi: HOOKLINE_IO_SECONDS is \"x\", expected"))
    }

    @Test func aDirectoryInPostgreSQLIsAWrongConfigurationWhosePasswordIsNotShown() throws {
        let result = try run(
            ["PATH_INFO": "/-/ping", "HOOKLINE_DIRECTORY": "postgres://ann:hunter2@127.0.0.1/d"])

        #expect(result.status == .exited(78))
        #expect(result.output.hasPrefix("Status: 500 Internal Server Error\r\n"))
        #expect(
            result.error.hasPrefix("hookline-cgi: HOOKLINE_DIRECTORY: this program has no PostgreSQL client; use "))
        #expect(!(result.output + result.error).contains("hunter2"))
    }

    @Test func settingsOfServersMeanNothing() throws {
        let result = try run(["PATH_INFO": "/-/ping", "HOOKLINE_THREADS": "x", "HOOKLINE_LOG_FILE": "/nonexistent/x"])

        #expect(result.status == .exited(0))
        #expect(result.output.hasPrefix("Status: 200 OK\r\n"))
    }

    @Test func itWorksBehindNginxAndFcgiwrap() throws {
        let directory = try TemporaryDirectory()
        let socket = directory.file("wrap.sock")
        let wrap = try ChildProcess(
            ["fcgiwrap", "-f", "-s", "unix:\(socket)"], environment: ProgramRun.environment([:]))
        try waitUntil("fcgiwrap listens") {
            guard wrap.isRunning else { throw TestSupportError(wrap.standardError) }
            return access(socket, F_OK) == 0
        }
        let redis = try RedisServer()
        try redis.command(
            "LPUSH", "sentry-app-webhook-request:{1}:issue.created",
            "{\"date\":\"2026-01-02 03:04:05+00:00\",\"response_code\":200,\"webhook_url\":\"https://w.test\"}")
        let nginx = try Nginx(
            server: """
                location / {
                    fastcgi_param SCRIPT_FILENAME \(BuiltProducts.path(Self.program));
                    fastcgi_param PATH_INFO $uri;
                    fastcgi_param AUTH_TYPE Basic;
                    fastcgi_param REMOTE_USER \(SampleDirectory.user);
                    fastcgi_param HOOKLINE_REDIS \(redis.url);
                    fastcgi_param HOOKLINE_DIRECTORY \(SampleDirectory.make(in: directory));
                    fastcgi_param GATEWAY_INTERFACE CGI/1.1;
                    fastcgi_param REQUEST_METHOD $request_method;
                    fastcgi_pass unix:\(socket);
                }
                """)

        let response = try HTTPClient(base: "http://127.0.0.1:\(nginx.port)").send(
            "GET", SampleDirectory.log, headers: [("Proxy", "http://evil.test")])

        #expect(response.status == 200, "\(wrap.standardError)")
        #expect(response.text.contains("https://w.test"))
    }
}
