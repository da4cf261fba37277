import TestSupport
import Testing

/// A web server that passes a parameter about the caller twice.
@Suite
struct RepeatedParameterTests {
    @Test(arguments: ["/etc/nginx/fastcgi_params", "/etc/nginx/fastcgi.conf"])
    func debiansFileBeforeTheSitesOwnUserIsAnErrorAndNotAnAnonymousUser(file: String) throws {
        for isDebiansFirst in [true, false] {
            let responder = try TestResponder(["--socket-mode", "0666"])
            let own = "fastcgi_param REMOTE_USER \(SampleDirectory.user);"
            let lines = isDebiansFirst ? "include \(file); \(own)" : "\(own) include \(file);"
            let nginx = try Nginx(
                server: """
                    location / {
                        \(lines)
                        fastcgi_param AUTH_TYPE Basic;
                        fastcgi_pass unix:\(responder.socketPath);
                    }
                    """)

            let response = try HTTPClient(base: "http://127.0.0.1:\(nginx.port)").send("GET", SampleDirectory.log)
            _ = try responder.stop()

            #expect(response.status == 500)
            #expect(response.text == #"{"detail":"The web server passed REMOTE_USER more than once."}"#)
            let reasons = responder.logLines(message: "request failed").compactMap { $0["reason"] as? String }
            #expect(reasons.count == 1)
            #expect(reasons.first?.contains("Remove one of the lines \"fastcgi_param REMOTE_USER …;\"") == true)
            #expect(reasons.first?.contains("docs/troubleshooting.md") == true)
        }
    }

    @Test func twoSuperuserParametersGiveNobodyRights() throws {
        let responder = try TestResponder()

        for values in [("1", "1"), ("0", "1"), ("1", ""), ("", "1")] {
            let response = try responder.get(
                SampleDirectory.log,
                SampleDirectory.signedIn + [("AUTH_SUPERUSER", values.0), ("AUTH_SUPERUSER", values.1)])

            #expect(response.status == 500)
        }
    }

    @Test func headersOfTheClientDoNotCount() throws {
        let redis = try RedisServer()
        let responder = try TestResponder(redis: redis.url)

        let response = try responder.get(
            SampleDirectory.log, SampleDirectory.signedIn + [("HTTP_REMOTE_USER", "x"), ("HTTP_REMOTE_USER", "x")])

        #expect(response.status == 200)
    }

    @Test func aBodyWithoutAnAnnouncedLengthIsRefused() throws {
        let responder = try TestResponder()

        for length in [[], [("CONTENT_LENGTH", "")]] {
            let client = try responder.client()
            try client.sendRequest(FastCGIClient.parameters("POST", "/-/ping", length), body: [1])
            let response = try client.readResponse()

            #expect(response.status == 411)
            #expect(response.text == #"{"detail":"The request has a body without Content-Length."}"#)
        }
        let client = try responder.client()
        try client.sendRequest(FastCGIClient.parameters("POST", "/-/ping", [("CONTENT_LENGTH", "0")]), body: [1])
        #expect(try client.readResponse().status == 405)
    }
}
