import Foundation
import TestSupport
import Testing

/// What the shipped nginx files pass on, and what they respond themselves.
@Suite(.serialized)
struct WebServerTests {
    private static let events = "/api/0/sentry-app-installations/\(ServerFixture.installation)/events/"

    @Test(arguments: ["/-/ping", "/-/status"])
    func anUncheckedBasicHeaderNamesNobodyWhereNoPasswordIsChecked(_ path: String) throws {
        let folder = try TemporaryDirectory()
        let program = try folder.write(
            "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nuser=%s type=%s' \"$REMOTE_USER\" \"$AUTH_TYPE\"\n",
            to: "show")
        chmod(program, 0o755)
        chmod(folder.path, 0o755)
        let server = try ServerFixture(responder: .cgi(program: program))

        let unchecked = try server.client().send("GET", path, basic: "\(ServerFixture.owner):wrong")
        let checked = try server.get(ServerFixture.log, as: ServerFixture.owner)

        #expect(unchecked.text == "user= type=")
        #expect(checked.text == "user=\(ServerFixture.owner) type=nginx")
    }

    @Test(arguments: [ServerFixture.log, "/app.html", "/oauth2/start?rd=/x"])
    func aSingleSignOnGetsCookiesAndNginxsWordsOnly(_ target: String) throws {
        let signOn = try WebhookReceiver()
        let server = try ServerFixture(
            signIn: .singleSignOn, options: .init(singleSignOn: "127.0.0.1:\(signOn.port)"))
        let forged = [
            "X-Original-URL", "X-Original-URI", "X-Original-Method", "X-Forwarded-For", "X-Forwarded-Host",
            "X-Forwarded-Proto", "X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-Port", "X-Forwarded-User",
            "X-Real-IP", "Forwarded", "Proxy-Authorization", "Remote-User", "X-Auth-Request-Email",
            "X-Auth-Request-Redirect", "X-Rewrite-Url", "Via", "Authorization",
        ]

        _ = try server.client().send(
            "GET", target, headers: forged.map { ($0, "Basic forged") } + [("Cookie", "session=1; other=2")])

        let received = try #require(signOn.received.first)
        #expect(!received.headers.contains { $0.value.contains("forged") }, "\(received.headers)")
        #expect(received.header("Cookie") == "session=1; other=2")
        #expect(received.header("X-Forwarded-For") == "127.0.0.1")
        #expect(received.header("X-Real-IP") == "127.0.0.1")
        #expect(received.header("X-Forwarded-Proto") == "https")
        #expect(received.header("X-Forwarded-Host") == "127.0.0.1:\(server.port)")
        #expect(received.header("X-Forwarded-Uri") == target)
        if received.path == "/oauth2/auth" {
            let names = Set(received.headers.map { $0.name.lowercased() })
            #expect(
                names == [
                    "host", "connection", "cookie", "x-original-url", "x-original-uri", "x-original-method",
                    "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-uri",
                    "x-forwarded-method", "x-real-ip",
                ])
            #expect(received.header("X-Original-URL") == "https://127.0.0.1:\(server.port)\(target)")
        }
    }

    @Test func aLostResponseToAnEventIsNotSaidToBeARefusal() throws {
        let server = try ServerFixture()
        server.responders[0].send(signal: SIGKILL)
        _ = try server.responders[0].waitForExit()
        let client = try server.client()
        let redelivery = "/api/0/sentry-apps/sample-app/requests/\(ServerFixture.kept)/redeliver/"

        for target in [Self.events, redelivery, "/api/0/sentry-apps/sample-app/test-event/"] {
            let response = try client.send("POST", target, body: Array(ServerFixture.event.utf8))

            #expect(response.status == 503)
            #expect(
                response.text == #"{"detail":"Hookline did not respond, so it is not known whether the event is "#
                    + #"queued. Try again in a few seconds with the same Idempotency-Key."}"#)
            #expect(response.header("Retry-After") == "5")
        }
        let enable = try client.send("POST", "/api/0/sentry-apps/sample-app/enable/", body: [])
        let log = try client.send("GET", ServerFixture.log)

        #expect(
            enable.text
                == #"{"detail":"Hookline did not respond, so it is not known whether it has executed the request."}"#)
        #expect(log.text == #"{"detail":"Hookline is not available at the moment."}"#)
    }

    @Test(arguments: [100, 1000, 2000, 4000, 7500])
    func aQueryIsNeverTooLongForNginxsBuffer(_ length: Int) throws {
        let server = try ServerFixture()
        try server.addRow()
        let query = "per_page=2&x=" + String(repeating: "!", count: length)

        for path in ["/api/0/sentry-apps/sample-app/webhook-requests/", "/api/0/sentry-apps/"] {
            let response = try server.get("\(path)?\(query)", as: ServerFixture.owner)

            #expect(response.status == (length <= 1000 ? 200 : 414), "\(response.text)")
            #expect((response.header("Link") != nil) == (length <= 1000))
            #expect(length <= 1000 || response.text.contains("The query string is too long"))
        }
    }

    @Test(arguments: ["Origin", "Referer"])
    func aLongOriginIsNeverTooLongForNginxsBuffer(_ name: String) throws {
        let server = try ServerFixture()
        try server.addRow()

        for length in [900, 7900] {
            let origin = "https://" + String(repeating: "o", count: length)
            let response = try server.client().send(
                "GET", ServerFixture.log, basic: "\(ServerFixture.owner):\(ServerFixture.password)",
                headers: [(name, origin)])

            #expect(response.status == 200)
            #expect(response.header("Access-Control-Allow-Origin") == (length == 900 ? origin : "*"))
        }
    }

    @Test func aCompressedBodyIs415() throws {
        let server = try ServerFixture()
        let headers = [
            ("Authorization", "Bearer \(ServerFixture.platformToken)"), ("Content-Type", "application/json"),
        ]

        for encoding in ["gzip", "br"] {
            let response = try server.client().send(
                "POST", Self.events, headers: headers + [("Content-Encoding", encoding)], body: [0x1F, 0x8B, 8, 0])

            #expect(response.status == 415)
            #expect(response.header("Accept-Encoding") == "identity")
            #expect(
                response.text == #"{"detail":"Unsupported content encoding \"\#(encoding)\" in request: send it "#
                    + #"uncompressed."}"#)
        }
        let plain = try server.client().send(
            "POST", Self.events, headers: headers + [("Content-Encoding", "Identity")],
            body: Array(ServerFixture.event.utf8))
        #expect(plain.status == 202, "\(plain.text)")
    }

    @Test func aChunkedBodyIsReadIfNginxBuffersItAnd411IfNot() throws {
        let server = try ServerFixture()
        let headers = [
            ("Authorization", "Bearer \(ServerFixture.platformToken)"), ("Content-Type", "application/json"),
            ("Transfer-Encoding", "chunked"),
        ]

        // Does not arrive at once.
        let padding = String(repeating: "x", count: 200_000)
        let event = Array(#"{"event":"issue.created","data":{"issue":"\#(padding)"}}"#.utf8)
        let buffered = try server.client().send("POST", Self.events, headers: headers, body: event)
        let backend = server.directory.file("hookline.backend")
        let text = try String(contentsOfFile: backend, encoding: .utf8)
        try server.directory.write(text + "fastcgi_request_buffering off;\n", to: "hookline.backend")
        server.nginx.send(signal: SIGHUP)

        #expect(buffered.status == 202, "\(buffered.text)")
        var unbuffered: HTTPClient.Response?
        try waitUntil("nginx has its new configuration") {
            unbuffered = try server.client().send("POST", Self.events, headers: headers, body: event)
            return unbuffered?.status != 202
        }
        #expect(unbuffered?.status == 411)
        #expect(unbuffered?.text == #"{"detail":"The request has a body without Content-Length."}"#)
    }
}
