import Foundation
import Queue
import TestSupport
import Testing

/// No secret is written where it does not belong: all that the shipped programs write in a busy run is searched for
/// every secret that they know, or that is presented to them.
@Suite(.serialized) struct SecretExposureTests {
    @Test func secretsAreWhereTheyAreMadeRotatedExportedOrShownAndNowhereElse() throws {
        let run = try ExposureRun()
        try run.startWorker()

        try readAsEverybody(run)
        try deliver(run)
        try changeByTheAPI(run)
        try changeByCommands(run)
        try failCommands(run)
        try checkPrograms(run)
        try encrypt(run)
        try run.end()

        #expect(run.written.exposures(of: run.secrets) == Self.expected)
        // What was searched, and how far the run came.
        for place in [
            "the responder's log", "the worker's log", "mails", "Redis", "webhooks", "folder/nginx-access.log",
            "folder/nginx-error.log", "2> hookline app rotate-secret alpha",
        ] {
            #expect(run.written.places.contains(place), "\(place)")
        }
    }

    /// The places that may have secrets, and must, and which.
    private static let expected: [String: Set<String>] = [
        // What the app's owners and the receiver are to know.
        "GET sentry-apps/alpha/ (manager)": ["client secret"],
        "POST sentry-apps/ (manager)": ["made client secret"],
        "POST sentry-apps/alpha/rotate-secret/ (manager)": ["client secret rotated by the API"],
        "hookline app rotate-secret alpha": ["client secret rotated by a command"],
        "hookline app rotate-secret alpha --json": ["client secret rotated by a command, as JSON"],
        "hookline token create --user manager@acme.test --scope org:read": ["made token"],
        "webhooks": ["header value"],
        // Exports.
        "GET hookline/directory/ (adminToken)": ["client secret", "previous secret", "header value"],
        "hookline directory export": [
            "client secret", "previous secret", "header value", "other header value", "made client secret",
            "client secret rotated by the API", "client secret rotated by a command",
            "client secret rotated by a command, as JSON", "private key of alpha", "private key of delta",
        ],
    ]

    /// Every route that reads, as everybody.
    private func readAsEverybody(_ run: ExposureRun) throws {
        let id = String(repeating: "0", count: 32)
        for caller in [ExposureRun.Caller.manager, .member, .readToken, .stranger, .nobody] {
            for path in [
                "hookline/info/", "sentry-apps/alpha/", "sentry-apps/alpha/requests/", "sentry-apps/missing/",
                "sentry-apps/alpha/webhook-requests/", "sentry-apps/alpha/requests/\(id)/",
                "sentry-apps/alpha/interaction/", "sentry-apps/alpha/stats/", "sentry-apps/alpha/health/",
                "sentry-apps/alpha/why/?eventType=issue.created", "organizations/acme/sentry-app-installations/",
                "sentry-app-installations/\(ExposureRun.installation(1))/", "hookline/directory/", "/-/ping",
                "/-/status", "/-/status?full&json", "/-/health",
            ] {
                try run.call("GET", path, as: caller)
            }
        }
        try run.call("GET", "hookline/directory/", as: .adminToken)
    }

    /// Events that succeed, fail until they are dead letters, and disable an app, of which its owner gets a mail.
    private func deliver(_ run: ExposureRun) throws {
        for app in 1...3 {
            let path = "sentry-app-installations/\(ExposureRun.installation(app))/events/"
            let event = #"{"event":"issue.created","data":{"issue":{"id":"1"}}}"#
            #expect(try run.call("POST", path, event, as: .adminToken).status == 202)
            for caller in [ExposureRun.Caller.stranger, .nobody, .readToken] {
                try run.call("POST", path, event, as: caller)
            }
            try run.call("POST", path, #"{"event":"issue.created","data":"#, as: .adminToken)
        }
        try waitUntil("a webhook of each app, a dead letter and a mail", seconds: 60) {
            let paths = Set(run.receiver.received.map(\.path))
            let dead = try run.server.queue().statistics().dead
            return try paths.count == 3 && dead == 1 && !run.mailServer.mails().isEmpty
        }
        #expect(run.receiver.received.allSatisfy { $0.isSigned(with: run.secret("previous secret")) })
    }

    /// Apps that are made, changed and rotated, and requests for that which are refused.
    private func changeByTheAPI(_ run: ExposureRun) throws {
        let header = run.secret("other header value")
        let app = #"{"name":"Delta","organization":"acme","webhookUrl":"https://example.com/","#
        let made = try run.call(
            "POST", "sentry-apps/", app + #""author":"A","hookline":{"webhookHeaders":["X-Other: \#(header)"]}}"#)
        #expect(made.status == 201, "\(made.text)")
        let secret = try #require(made.json?["clientSecret"].string)
        run.secrets["made client secret"] = secret
        let pair = try run.call("POST", "sentry-apps/delta/signing-key/", "{}")
        #expect(pair.status == 201, "\(pair.text)")
        try run.call("POST", "sentry-apps/delta/signing-key/", #"{"signingKey":"\#(run.secret("unfit secret"))"}"#)
        for caller in [ExposureRun.Caller.manager, .member, .readToken, .stranger, .nobody, .adminToken] {
            let path = caller == .manager ? "sentry-apps/missing/" : "sentry-apps/delta/"
            try run.call("PUT", path, #"{"hookline":{"webhookHeaders":["X-Other: \#(header)\u0001"]}}"#, as: caller)
            try run.call("POST", "sentry-apps/delta/redrive/", "{}", as: caller)
        }
        try run.call("PUT", "sentry-apps/delta/", #"{"hookline":{"webhookHeaders":["\#(header)"]}}"#)
        try run.call("PUT", "sentry-apps/delta/", #"{"hookline":{"webhookHeaders":["Host: \#(header)"]}}"#)
        try run.call("PUT", "sentry-apps/delta/", #"{"hookline":{"webhookHeaders":[{"X":"\#(header)"}]}}"#)
        try run.call("PUT", "sentry-apps/delta/", #"{"clientSecret":"\#(run.secret("unfit secret"))"}"#)
        try run.call(
            "PUT", "sentry-apps/delta/", #"{"webhookUrl":"https://u:\#(run.secret("unfit secret"))@e.test:x/"}"#)
        try run.call("PUT", "sentry-apps/delta/", #"{"hookline":{"webhookHeaders":["X: \#(header)"#)
        for document in Self.refusedDocuments(run) {
            #expect(try run.call("POST", "hookline/directory/", document, as: .adminToken).status == 400)
            try run.call("POST", "hookline/directory/", document, as: .stranger)
        }
        try run.call("POST", "sentry-apps/alpha/rotate-secret/", "{}", as: .member)
        try run.call("POST", "sentry-apps/alpha/rotate-secret/", #"{"overlapSeconds":-1}"#, as: .adminToken)
        let rotated = try run.call("POST", "sentry-apps/alpha/rotate-secret/", #"{"overlapSeconds":3600}"#)
        #expect(rotated.status == 200, "\(rotated.text)")
        let new = try #require(rotated.json?["clientSecret"].string)
        run.secrets["client secret rotated by the API"] = new
    }

    /// Documents with secrets that no import takes.
    private static func refusedDocuments(_ run: ExposureRun) -> [String] {
        let (unfit, header, token) = (
            run.secret("unfit secret"), run.secret("other header value"), run.secret("unknown token")
        )
        let app = #""id": 9, "slug": "omega", "owner_id": 1"#
        return [
            #"{"apps": [{\#(app), "client_secret": "\#(unfit)\u0001"}]}"#,
            #"{"apps": [{\#(app), "client_secret": ["\#(unfit)"]}]}"#,
            #"{"apps": [{\#(app), "client_secret": "whsec_\#(unfit)"}]}"#,
            #"{"apps": [{\#(app), "client_secret": "\#(unfit)"#,
            #"{"apps": [{\#(app), "client_secret": \#(unfit)}]}"#,
            #"{"apps": [{\#(app), "previous_secrets": [{"secret": "\#(unfit)", "valid_until": "soon"}]}]}"#,
            #"{"apps": [{\#(app), "previous_secrets": ["\#(unfit)"]}]}"#,
            #"{"apps": [{\#(app), "signing_key": "whsk_\#(unfit)"}]}"#,
            #"{"apps": [{\#(app), "client_secret": "secretbox:\#(unfit)"}]}"#,
            #"{"apps": [{\#(app), "webhook_headers": ["\#(header)", "X-A: \#(header)\u0001", "Host: \#(header)"]}]}"#,
            #"{"apps": [{\#(app), "webhook_url": "https://user:\#(unfit)@example.com:x/"}]}"#,
            #"{"tokens": [{"token": "\#(token) ", "user_id": "\#(unfit)", "scopes": ["org:read"]}]}"#,
            #"{"tokens": [{"token": "\#(token)", "user_id": 77, "scopes": ["org:read"]}]}"#,
            #"{"tokens": [{"token": {"\#(token)": 1}, "user_id": 1}]}"#,
        ]
    }

    /// Commands that succeed.
    private func changeByCommands(_ run: ExposureRun) throws {
        let id = try #require(run.receiver.received("/status/500").first?.header("Request-ID"))
        for arguments in [
            ["app", "list"], ["app", "list", "--json"], ["app", "show", "alpha"], ["app", "show", "alpha", "--json"],
            ["log", "show", "beta"], ["log", "show", "beta", "--json"], ["token", "list"], ["token", "list", "--json"],
            ["event", "show", id, "--app", "beta"], ["event", "show", id, "--app", "beta", "--json"],
            ["event", "redeliver", id, "--app", "beta", "--dry-run"], ["queue", "status"],
            ["queue", "status", "--json"], ["queue", "list"], ["queue", "list", "--json"], ["queue", "inspect", id],
            ["why", "alpha", "--event", "issue.created", "--organization", "acme"],
            ["why", "gamma", "--event", "issue.created", "--organization", "acme", "--json"],
            ["app", "enable", "gamma"], ["settings"], ["--help"],
        ] {
            try run.run("hookline", arguments)
        }
        let headers = try run.file("headers", "X-More: \(run.secret("header value"))\n")
        try run.hookline("app", "set", "alpha", "--headers-file", headers)
        let secret = try run.file("given", run.secret("client secret"))
        try run.hookline("app", "previous-secret", "add", "beta", "--secret-file", try run.file("n", "x" + "-former"))
        try run.hookline("app", "rotate-secret", "gamma", "--overlap", "0", "--secret-file", secret)
        run.secrets["client secret rotated by a command"] = try Self.made(
            run.hookline("app", "rotate-secret", "alpha"), "client secret:")
        let json = try GoldenValue(parsing: run.hookline("app", "rotate-secret", "alpha", "--json"))
        let rotated = try #require(json["client_secret"].string)
        run.secrets["client secret rotated by a command, as JSON"] = rotated
        run.secrets["made token"] = try run.hookline(
            "token", "create", "--user", ExposureRun.manager, "--scope", "org:read"
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(try run.hookline("app", "signing-key", "create", "alpha").hasPrefix("whpk_"))
        try run.hookline("app", "signing-key", "show", "alpha", "--json")
        let export = try GoldenValue(parsing: run.hookline("directory", "export"))
        for app in export["apps"].elements where app["signing_key"].string?.isEmpty == false {
            run.secrets["private key of \(app["slug"].string ?? "")"] = app["signing_key"].string
        }
    }

    /// What is said of secrets that are encrypted, with their key and without.
    private func encrypt(_ run: ExposureRun) throws {
        let key = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="
        run.secrets["secret key"] = key
        let settings = ["HOOKLINE_SECRET_KEY_FILE": try run.file("secret.key", key)]
        let damaged = ["HOOKLINE_SECRET_KEY_FILE": try run.file("damaged.key", key.dropLast(3) + "\n\(key)x")]
        try run.hookline("directory", "encrypt", "--dry-run", settings: settings)
        #expect(try run.hookline("directory", "encrypt", settings: settings).hasPrefix("Encrypted "))
        for settings in [settings, damaged, [:]] {
            try run.hookline("app", "show", "alpha", settings: settings)
            try run.hookline("app", "signing-key", "show", "alpha", settings: settings)
            try run.hookline("app", "previous-secret", "remove", "alpha", "--all", settings: settings)
            try run.hookline("directory", "encrypt", "--dry-run", settings: settings)
            for program in ["hookline-fcgi", "hookline-worker", "hookline-cgi"] {
                try run.run(program, ["--check"], settings: settings)
            }
        }
    }

    private static func made(_ output: String, _ label: String) throws -> String {
        let line = try #require(output.split(separator: "\n").first { $0.hasPrefix(label) })
        return line.dropFirst(label.count).trimmingCharacters(in: .whitespaces)
    }

    /// Commands that fail, with secrets in their files, settings and standard input.
    private func failCommands(_ run: ExposureRun) throws {
        for (number, document) in Self.refusedDocuments(run).enumerated() {
            let path = try run.file("document-\(number).json", document)
            try run.hookline("directory", "import", "--merge", path)
            try run.hookline("directory", "import", "--dry-run", "-", input: document)
        }
        let unfit = run.secret("unfit secret")
        for (number, text) in ["\(unfit)\u{1}", " \(unfit)", "whsec_\(unfit)", "\(unfit)\n\n"].enumerated() {
            let file = try run.file("secret-\(number)", text)
            try run.hookline("app", "rotate-secret", "alpha", "--secret-file", file)
            try run.hookline("app", "previous-secret", "remove", "alpha", "--secret-file", file)
        }
        let file = try run.file("unknown", unfit)
        try run.hookline("app", "previous-secret", "remove", "alpha", "--secret-file", file)
        try run.hookline("app", "previous-secret", "add", "alpha", "--secret-file", "-", "--overlap", "0", input: unfit)
        let header = run.secret("other header value")
        for (number, text) in [header, "X: \(header)\u{1}", "Host: \(header)"].enumerated() {
            try run.hookline("app", "set", "alpha", "--headers-file", try run.file("headers-\(number)", text))
        }
        let (redis, database) = (run.secret("Redis password"), run.secret("database password"))
        for value in [
            "redis://hookline:\(redis)@127.0.0.1:1", "redis://hookline:\(redis)@", "redis://hookline:\(redis)",
            "hookline:\(redis)@localhost", "unix:/nowhere?password=\(redis)", "unix:/nowhere?\(redis)",
            "redis://\(redis)@127.0.0.1:x", "redis://hookline:\(redis)%@h",
        ] {
            try run.hookline("queue", "status", settings: ["HOOKLINE_REDIS": value])
            try run.hookline("event", "list", settings: ["HOOKLINE_REDIS": value])
        }
        for value in [
            "postgres://hookline:\(database)@127.0.0.1:1/hookline", "postgres://hookline:\(database)@",
            "postgres://hookline:\(database)%@h/d", "hookline:\(database)@localhost",
            "postgres://hookline@127.0.0.1:1/d?password=\(database)",
            "postgres://hookline:\(database)@127.0.0.1:1/d?\(database)",
        ] {
            try run.hookline("app", "list", settings: ["HOOKLINE_DIRECTORY": value])
            try run.hookline("app", "rotate-secret", "alpha", settings: ["HOOKLINE_DIRECTORY": value])
        }
    }

    /// `--help` and `--check` of all programs, with settings that are right and wrong.
    private func checkPrograms(_ run: ExposureRun) throws {
        let (mail, proxy, session) = (
            run.secret("mail password"), run.secret("proxy password"), run.secret("session secret")
        )
        let keys = try TemporaryDirectory()
        try keys.write(run.secret("encryption key"), to: "key")
        let wrong = [
            ["HOOKLINE_SESSION_SECRET": session], ["HOOKLINE_SESSION_SECRET": session + "\u{1}"],
            ["HOOKLINE_SESSION_SECRET": session, "HOOKLINE_DIRECTORY": "postgres://h:\(session)@127.0.0.1:1/d"],
            ["HOOKLINE_ENCRYPTION_KEYS": keys.path], ["HOOKLINE_PROXY": "http://u:\(proxy)@127.0.0.1:1"],
            ["HOOKLINE_PROXY": "ftp://u:\(proxy)@127.0.0.1:1"], ["HOOKLINE_PROXY": "http://u:\(proxy)@h:x"],
            ["HOOKLINE_PROXY": "u:\(proxy)"], ["HOOKLINE_SMTP": "smtp://u:\(mail)@h:x"], ["HOOKLINE_SMTP": "u:\(mail)"],
            ["HOOKLINE_SMTP": "smtp://u:\(mail)@127.0.0.1:1"], ["HOOKLINE_PLATFORM_URL": "https://u:\(mail)@h/"],
            ["HOOKLINE_REDIS": "redis://h:\(run.secret("Redis password"))@127.0.0.1:1"],
            ["HOOKLINE_DIRECTORY": "postgres://h:\(run.secret("database password"))@127.0.0.1:1/d"],
            ["HOOKLINE_PASSWORD": mail], [:],
        ]
        let files = try [
            "HOOKLINE_SMTP=\"smtp://u:\(mail)@h", "HOOKLINE_SMTP smtp://u:\(mail)@h", mail, "=\(mail)",
            "HOOKLINE_SMTP=smtp://u:\(mail)@h:x\nHOOKLINE_PROXY='http://u:\(proxy)@h' 1",
        ].enumerated().map { try run.file("settings-\($0)", $1) }
        for program in ["hookline-fcgi", "hookline-worker", "hookline-cgi"] {
            try run.run(program, ["--help"])
            for settings in wrong + files.map({ ["HOOKLINE_SETTINGS_FILE": $0] }) {
                try run.run(program, ["--check"], settings: settings)
            }
        }
    }
}
