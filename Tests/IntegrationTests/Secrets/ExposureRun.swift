import Foundation
import TestSupport

/// A run of all programs with secrets that can be recognized, of which everything that is written is kept.
final class ExposureRun {
    /// Who calls the API.
    enum Caller: String {
        case nobody, manager, member, stranger, readToken, adminToken
    }

    /// The texts of all secrets by their names; those that are made in the run are added. scripts/test.sh looks for the
    /// mark that they have in common in what the tests themselves print.
    var secrets = [
        "client secret": "hidden-9f3b6c-client-secret-e93452",
        "previous secret": "hidden-9f3b6c-previous-secret-a76229",
        "header value": "hidden-9f3b6c-header-value-2057fe",
        "read token": "hidden-9f3b6c-read-token-52ec6e",
        "admin token": "hidden-9f3b6c-admin-token-a8da00",
        "unknown token": "hidden-9f3b6c-unknown-token-625290",
        "Redis password": "hidden-9f3b6c-redis-password-fb256d",
        "mail password": "hidden-9f3b6c-mail-password-f831bc",
        "proxy password": "hidden-9f3b6c-proxy-password-9cda20",
        "database password": "hidden-9f3b6c-database-password-7776bf",
        "session secret": "hidden-9f3b6c-session-secret-94636d",
        "encryption key": "hidden-9f3b6c-encryption-key-d148de",
        "unfit secret": "hidden-9f3b6c-unfit-secret-828e51",
        "other header value": "hidden-9f3b6c-other-header-value-9eba79",
        "sign-in password": ServerFixture.password,
    ]

    let server: ServerFixture
    let receiver: WebhookReceiver
    let mailServer: SMTPServer
    private(set) var written = WrittenTexts()
    private var worker: ChildProcess?
    private let certificates: TestCertificates
    private let inputs: TemporaryDirectory

    static let manager = "manager@acme.test"
    static let member = "member@acme.test"

    init() throws {
        let receiver = try WebhookReceiver()
        self.receiver = receiver
        certificates = try TestCertificates()
        inputs = try TemporaryDirectory()
        let password = secrets["mail password"] ?? ""
        mailServer = try SMTPServer(.requiresTLS, certificates: certificates, login: ("hookline", password))
        let (redisPassword, sources) = (secrets["Redis password"] ?? "", secrets)
        server = try ServerFixture(
            document: Self.document(sources, receiver: receiver), logins: [Self.manager, Self.member],
            options: ServerFixture.Options(environment: { redis in
                try redis.command("ACL", "SETUSER", "hookline", "on", ">" + redisPassword, "~*", "&*", "+@all")
                return ["HOOKLINE_REDIS": "\(redis.url)?user=hookline&password=\(redisPassword)"]
            }))
    }

    func secret(_ name: String) -> String { secrets[name] ?? "" }

    /// The settings of worker and commands: one file for all programs.
    var settings: [String: String] {
        [
            "HOOKLINE_REDIS": "\(server.redis.url)?user=hookline&password=\(secret("Redis password"))",
            "HOOKLINE_DIRECTORY": server.directorySetting, "HOOKLINE_ALLOWED_NETWORKS": "127.0.0.0/8",
            "HOOKLINE_POLICY": "standard", "HOOKLINE_RETRY_DELAYS": "1", "HOOKLINE_LOG_LEVEL": "trace",
            "HOOKLINE_SMTP": "smtp://hookline:\(secret("mail password"))@localhost:\(mailServer.port)",
            "HOOKLINE_CA_FILE": certificates.authorityPath, "HOOKLINE_MAIL_FROM": "hookline@platform.test",
            "HOOKLINE_PLATFORM_URL": "https://platform.test",
            "HOOKLINE_MAIL_TEMPLATES": ServerFixture.repositoryPath("conf/templates"), "PATH": "/usr/bin:/bin",
        ]
    }

    func startWorker() throws {
        worker = try ChildProcess([BuiltProducts.path("hookline-worker")], environment: settings)
    }

    /// Calls the API; the answer's place is the request and the caller.
    @discardableResult
    func call(
        _ method: String, _ path: String, _ body: String? = nil, as caller: Caller = .manager
    ) throws -> HTTPClient.Response {
        var headers = [(name: "Sec-Fetch-Site", value: "same-origin")]
        if body != nil { headers.append(("Content-Type", "application/json")) }
        var login: String?
        switch caller {
        case .nobody: break
        case .manager: login = Self.manager
        case .member: login = Self.member
        case .stranger: headers.append(("Authorization", "Bearer \(secret("unknown token"))"))
        case .readToken: headers.append(("Authorization", "Bearer \(secret("read token"))"))
        case .adminToken: headers.append(("Authorization", "Bearer \(secret("admin token"))"))
        }
        let response = try server.client().send(
            method, path.hasPrefix("/") ? path : "/api/0/" + path,
            basic: login.map { "\($0):\(ServerFixture.password)" }, headers: headers, body: body.map { Array($0.utf8) })
        let head = response.headers.map { "\($0.name): \($0.value)\n" }.joined()
        written.add(head + response.text, from: "\(method) \(path) (\(caller.rawValue))")
        return response
    }

    /// Runs a command; the place of its output is the command, of its errors the command with `2>`.
    @discardableResult
    func hookline(
        _ arguments: String..., settings more: [String: String] = [:], input: String? = nil
    ) throws -> String {
        try run("hookline", arguments, settings: more, input: input)
    }

    /// Runs a program to its end.
    @discardableResult
    func run(
        _ program: String, _ arguments: [String], settings more: [String: String] = [:], input: String? = nil
    ) throws -> String {
        let result = try ChildProcess.run(
            [BuiltProducts.path(program)] + arguments, environment: settings.merging(more) { $1 },
            standardInput: input)
        let place = ([program] + arguments).joined(separator: " ")
        written.add(result.output, from: place)
        written.add(result.error, from: "2> " + place)
        return result.output
    }

    /// Writes a file that a command reads; returns its path.
    func file(_ name: String, _ text: String) throws -> String { try inputs.write(text, to: name) }

    /// Ends the worker, and adds all that was written beside answers and outputs of commands.
    func end() throws {
        written.add(server.responders.map(\.standardError).joined(), from: "the responder's log")
        if let worker {
            worker.send(signal: SIGTERM)
            _ = try worker.waitForExit()
            written.add(worker.standardError + worker.standardOutput, from: "the worker's log")
        }
        for mail in try mailServer.mails() {
            written.add(([mail.raw] + mail.parts.map(\.text)).joined(separator: "\n"), from: "mails")
        }
        for request in receiver.received {
            let head = request.headers.map { "\($0.name): \($0.value)\n" }.joined()
            written.add(Array(head.utf8) + request.body, from: "webhooks")
        }
        try written.add(server.redis, from: "Redis")
        // The directory itself, and what the test gave to the programs and nginx.
        try written.add(
            folder: server.directory.path, as: "folder",
            except: ["directory.sqlite", "directory.sqlite-wal", "directory.sqlite-shm", "htpasswd", "tls.key"])
        try written.add(folder: server.redis.directory.path, as: "Redis' folder", except: [])
    }

    /// The owner of each app is `acme`; each has the same secrets and headers.
    private static func document(_ secrets: [String: String], receiver: WebhookReceiver) -> String {
        let apps = [("alpha", "/status/200"), ("beta", "/status/500"), ("gamma", "/status/410")].enumerated().map {
            """
            {"id": \($0 + 1), "slug": "\($1.0)", "name": "\($1.0)", "owner_id": 1, "status": "published",
             "webhook_url": "\(receiver.url($1.1))", "client_secret": "\(secrets["client secret"] ?? "")",
             "previous_secrets": [{"secret": "\(secrets["previous secret"] ?? "")",
             "valid_until": "2090-01-01T00:00:00Z"}],
             "webhook_headers": ["X-Tenant: \(secrets["header value"] ?? "")"], "events": ["issue.created"],
             "scopes": ["org:write"]}
            """
        }
        let installations = (1...3).map {
            #"{"id": \#($0), "app_id": \#($0), "organization_id": 1, "uuid": "\#(installation($0))"}"#
        }
        let hooks = (1...3).map {
            #"{"id": \#($0), "installation_id": \#($0), "organization_id": 1, "events": ["issue.created"]}"#
        }
        return """
            {"organizations": [{"id": 1, "slug": "acme"}],
             "users": [{"id": 1, "email": "\(manager)"}, {"id": 2, "email": "\(member)"}],
             "memberships": [{"user_id": 1, "organization_id": 1, "role": "owner"},
              {"user_id": 2, "organization_id": 1, "role": "member"}],
             "apps": [\(apps.joined(separator: ","))],
             "installations": [\(installations.joined(separator: ","))],
             "service_hooks": [\(hooks.joined(separator: ","))],
             "tokens": [
              {"token": "\(secrets["read token"] ?? "")", "user_id": 1, "scopes": ["org:read"]},
              {"token": "\(secrets["admin token"] ?? "")", "user_id": 1,
               "scopes": ["hookline:admin", "hookline:enqueue"]}]}
            """
    }

    static func installation(_ app: Int) -> String { "00000000-0000-4000-8000-00000000000\(app)" }
}
