import Foundation
import ProgramSupport
import TestSupport
import Testing

/// A user whom the web server did not check.
@Suite
struct UncheckedUserTests {
    private static let message = "REMOTE_USER ignored: the web server passed it without AUTH_TYPE"

    @Test(arguments: ["/etc/nginx/fastcgi_params", "/etc/nginx/fastcgi.conf"])
    func isAnonymousBehindDebiansOwnParameterFilesWhateverBasicHeaderIsSent(file: String) throws {
        let redis = try RedisServer()
        let responder = try TestResponder(["--socket-mode", "0666"], redis: redis.url)
        let nginx = try Nginx(
            http: """
                map $http_x_checked $realm { default off; 1 Hookline; }
                map $http_x_checked $type { default ""; 1 Basic; }
                """,
            server: """
                auth_basic $realm;
                auth_basic_user_file \(responder.directory.write(Self.passwords, to: "htpasswd"));
                location / {
                    include \(file);
                    fastcgi_param AUTH_TYPE $type if_not_empty;
                    fastcgi_pass unix:\(responder.socketPath);
                }
                """)
        let client = try HTTPClient(base: "http://127.0.0.1:\(nginx.port)")

        for _ in 0..<3 {
            let forged = try client.send("GET", SampleDirectory.log, basic: "\(SampleDirectory.user):wrong")
            #expect(forged.status == 401)
            #expect(forged.text == #"{"detail":"Authentication credentials were not provided."}"#)
        }
        let checked = try client.send(
            "GET", SampleDirectory.log, basic: "\(SampleDirectory.user):right", headers: [("X-Checked", "1")])
        _ = try responder.stop()

        let lines = responder.logLines(message: Self.message)
        #expect(lines.count == 1)
        #expect((lines.first?["fix"] as? String)?.contains("hookline.params") == true)
        #expect(lines.first?["level"] as? String == "warning")
        #expect(checked.status == 200, "\(checked.text)")
    }

    @Test func isAnonymousInACGIProgramToo() throws {
        let directory = try TemporaryDirectory()
        let result = try ChildProcess.run(
            [BuiltProducts.path("hookline-fcgi")],
            environment: [
                "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "PATH_INFO": SampleDirectory.log,
                "REMOTE_USER": SampleDirectory.user, "HOOKLINE_DIRECTORY": SampleDirectory.make(in: directory),
                "HOOKLINE_REDIS": TestResponder.noRedis,
            ])

        #expect(result.output.hasPrefix("Status: 401 Unauthorized\r\n"))
        #expect(TestResponder.logLines(result.error, message: Self.message).count == 1)
    }

    /// Of the user of `SampleDirectory`, for nginx.
    private static let passwords = "\(SampleDirectory.user):{PLAIN}right\n"
}
