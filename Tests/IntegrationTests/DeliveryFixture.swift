import Buffer
import Foundation
import Queue
import Redis
import TestSupport

/// The shipped programs with everything that delivery needs: Redis, an SQLite directory, a responder that accepts
/// events, a worker, a receiver and a mail server.
final class DeliveryFixture {
    /// The parameters of an app.
    struct App {
        var id: Int
        var status = "published"
        /// The receiver's behaviour: see `WebhookReceiver`.
        var path = "/status/200"
        /// Resources or events.
        var events = ["issue", "error", "comment"]
        /// The events of the service hook in each organization; nil = no hook.
        var hookEvents: [String]? = [
            "issue.created", "issue.resolved", "issue.assigned", "error.created", "comment.created", "comment.updated",
            "comment.deleted",
        ]
        /// The organizations with an installation; the first one owns the app.
        var organizations = [1]
        /// The targets of its relay, with the receiver's behaviour.
        var targets: [(name: String, path: String)] = []

        var slug: String { "app-\(id)" }

        func installation(_ organization: Int = 1) -> String { "00000000-0000-4000-8000-0000000\(organization)00\(id)" }
    }

    static let token = String(repeating: "7", count: 64)
    static let secret = String(repeating: "5", count: 64)

    let folder: TemporaryDirectory
    let redis: RedisServer
    let receiver: WebhookReceiver
    let mailServer: SMTPServer
    private let responder: ChildProcess
    private var worker: ChildProcess
    private let launchWorker: ([String]) throws -> ChildProcess
    private let stores: [String: String]
    private var socketPath: String { folder.file("s") }
    var directoryURL: String { "sqlite:" + folder.file("directory.sqlite") }

    /// - Parameters:
    ///   - settings: further settings of the worker.
    ///   - access: a Redis of the test's own, and the address by which the programs reach it; nil = a new one.
    ///   - descriptorLimit: the worker's; nil = that of the tests.
    ///   - prepare: writes to Redis before the worker starts.
    ///   - storeSettings: further settings of all programs, made when there is a folder; not of the import.
    init(
        _ apps: [App], settings: [String: String] = [:], access: (redis: RedisServer, url: String)? = nil,
        descriptorLimit: Int? = nil, prepare: (RedisServer) throws -> Void = { _ in },
        storeSettings: (TemporaryDirectory) throws -> [String: String] = { _ in [:] }
    ) throws {
        let folder = try TemporaryDirectory()
        self.folder = folder
        let redis = try access?.redis ?? RedisServer()
        self.redis = redis
        receiver = try WebhookReceiver()
        mailServer = try SMTPServer()
        try prepare(redis)
        let stores = try [
            "HOOKLINE_REDIS": access?.url ?? redis.url,
            "HOOKLINE_DIRECTORY": "sqlite:" + folder.file("directory.sqlite"),
        ].merging(storeSettings(folder)) { $1 }
        self.stores = stores
        try importDirectory(Self.document(apps, receiver: receiver), in: folder)
        responder = try ChildProcess(
            [BuiltProducts.path("hookline-fcgi")],
            environment: stores.merging(["HOOKLINE_LISTEN": "unix:" + folder.file("s")]) { $1 })
        let program = try BuiltProducts.path("hookline-worker")
        let (mailPort, templates) = (mailServer.port, Self.templates)
        launchWorker = { arguments in
            try ChildProcess(
                descriptorLimit.map { ["/bin/bash", "-c", Self.limiting(descriptors: $0), program] } ?? [program]
                    + arguments,
                environment: stores.merging([
                    "HOOKLINE_ALLOWED_NETWORKS": "127.0.0.0/8", "HOOKLINE_WEBHOOK_TIMEOUT_MS": "500",
                    "HOOKLINE_RETRY_DELAYS": "1", "HOOKLINE_SMTP": "smtp://127.0.0.1:\(mailPort)",
                    "HOOKLINE_SMTP_TLS": "off", "HOOKLINE_MAIL_FROM": "hookline@platform.test",
                    "HOOKLINE_PLATFORM_URL": "https://sentry.test", "HOOKLINE_MAIL_TEMPLATES": templates,
                ]) { $1 }.merging(settings) { $1 })
        }
        worker = try launchWorker([])
        let responder = responder
        try waitUntil("the responder listens", seconds: 30) {
            guard responder.isRunning else { throw TestSupportError(responder.standardError) }
            return (try? FastCGIClient(socketPath: socketPath)) != nil
        }
    }

    /// A shell script that runs a program with few descriptors, and without those of the tests.
    private static func limiting(descriptors: Int) -> String {
        """
        for path in /proc/self/fd/*; do
            number=${path##*/}
            [ "$number" -le 2 ] || eval "exec $number>&-"
        done
        ulimit -n \(descriptors)
        exec "$0"
        """
    }

    /// Sends an event by the API; returns its id.
    func send(
        _ app: App, _ event: String, organization: Int = 1, data: String = "{}", actor: String? = nil
    ) throws -> String {
        let response = try post(
            app, #"{"event":"\#(event)","data":\#(data)\#(actor.map { #","actor":\#($0)"# } ?? "")}"#, organization)
        guard response.status == 202, let id = try GoldenValue(parsing: response.body)["id"].string else {
            throw TestSupportError("\(response.status): \(response.text)")
        }
        return id
    }

    func post(_ app: App, _ body: String, _ organization: Int = 1) throws -> FastCGIClient.Response {
        let client = try FastCGIClient(socketPath: socketPath)
        try client.sendRequest(
            FastCGIClient.parameters(
                "POST", "/api/0/sentry-app-installations/\(app.installation(organization))/events/",
                [
                    ("HTTP_AUTHORIZATION", "Bearer \(Self.token)"), ("CONTENT_TYPE", "application/json"),
                    ("CONTENT_LENGTH", String(body.utf8.count)),
                ]), body: Array(body.utf8))
        return try client.readResponse()
    }

    /// What `relay` sends unless it gets something else.
    static let relayedBody = #"{"action":"created","data":{"issue":{"id":"1"}}}"#

    /// Sends a webhook to the app's relay as the original does.
    ///
    /// - Parameter signature: nil = the right one.
    func relay(
        _ app: App, _ body: [UInt8] = Array(relayedBody.utf8), resource: String = "issue", requestID: String,
        signature: String? = nil
    ) throws -> FastCGIClient.Response {
        let client = try FastCGIClient(socketPath: socketPath)
        try client.sendRequest(
            FastCGIClient.parameters(
                "POST", "/relay/\(app.slug)/",
                [
                    ("HTTP_SENTRY_HOOK_RESOURCE", resource), ("HTTP_REQUEST_ID", requestID),
                    ("HTTP_SENTRY_HOOK_SIGNATURE", signature ?? OriginalSignature.of(body, secret: Self.secret)),
                    ("CONTENT_TYPE", "application/json"), ("CONTENT_LENGTH", String(body.count)),
                ]), body: body)
        return try client.readResponse()
    }

    /// The status of a request by `ada`, who owns organization 1.
    func call(_ method: String, _ target: String) throws -> Int {
        let client = try FastCGIClient(socketPath: socketPath)
        let body = method == "POST" && target.hasSuffix("interaction/") ? "tsdbField=sentry_app_viewed" : ""
        try client.sendRequest(
            FastCGIClient.parameters(
                method, target,
                [
                    ("AUTH_TYPE", "Basic"), ("REMOTE_USER", "ada@one.test"), ("HTTP_SEC_FETCH_SITE", "same-origin"),
                    ("CONTENT_TYPE", "application/x-www-form-urlencoded"),
                    ("CONTENT_LENGTH", String(body.utf8.count)),
                ]), body: Array(body.utf8))
        return try client.readResponse().status
    }

    /// Runs the command line with the programs' Redis and directory.
    func hookline(
        _ arguments: [String]
    ) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        try ChildProcess.run([BuiltProducts.path("hookline")] + arguments, environment: stores)
    }

    /// Runs `--check` of a program with the Redis and the directory of all.
    func check(_ program: String) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        try ChildProcess.run([BuiltProducts.path(program), "--check"], environment: stores)
    }

    /// Starts the command line as `hookline(_:)` does, and does not wait for its end.
    func start(_ arguments: [String]) throws -> ChildProcess {
        try ChildProcess([BuiltProducts.path("hookline")] + arguments, environment: stores)
    }

    /// The requests with this id; waits until there are `count`.
    func requests(_ id: String, count: Int = 1) throws -> [WebhookReceiver.Received] {
        var found: [WebhookReceiver.Received] = []
        try waitUntil("\(count) requests with id \(id)\n\(worker.standardError)", seconds: 30) {
            found = receiver.received.filter { $0.header("Request-ID") == id }
            return found.count >= count
        }
        return found
    }

    /// Kills the worker, lets the time pass after which another takes over its entries, and starts another.
    func replaceWorker() throws {
        worker.send(signal: SIGKILL)
        _ = try worker.waitForExit()
        try redis.command(
            "EVAL",
            """
            for _, item in ipairs(redis.call('XPENDING', KEYS[1], 'workers', '-', '+', 100)) do
                redis.call('XCLAIM', KEYS[1], 'workers', item[2], 0, item[1], 'IDLE', 3600000, 'JUSTID')
            end
            redis.call('DEL', KEYS[2])
            """, "2", "hookline:{queue:events:0}:stream", "hookline:{queue:events:0}:isolation")
        worker = try launchWorker([])
    }

    /// Stops the worker.
    func stopWorker() throws {
        try waitUntil("the worker delivers", seconds: 30) { worker.standardError.contains(#""message":"delivering""#) }
        worker.send(signal: SIGTERM)
        guard try worker.waitForExit() == .exited(0) else { throw TestSupportError(worker.standardError) }
    }

    /// Starts another worker with the settings of the first.
    func startWorker(_ arguments: String...) throws -> ChildProcess {
        try launchWorker(arguments)
    }

    func signalWorker(_ signal: Int32) { worker.send(signal: signal) }

    /// Another worker beside the first.
    func startSecondWorker() throws -> ChildProcess { try startWorker() }

    /// What the worker has logged.
    var workerLog: String { worker.standardError }

    /// The rows of the log, newest first; waits until there are `count`.
    ///
    /// - Parameter server: where they are; nil = in the fixture's Redis.
    func rows(
        _ app: App, _ event: String, isErrors: Bool = false, count: Int = 1, in server: RedisServer? = nil
    ) throws -> [GoldenValue] {
        let redis = server ?? redis
        let key = "sentry-app-webhook-\(isErrors ? "error" : "request"):{\(app.id)}:\(event)"
        var rows: [GoldenValue] = []
        try waitUntil("\(count) rows in \(key)\n\(worker.standardError)", seconds: 30) {
            rows = try redis.command("LRANGE", key, "0", "-1").components(separatedBy: "\r\n")
                .filter { $0.hasPrefix("{") }.map(GoldenValue.init(parsing:))
            return rows.count >= count
        }
        return rows
    }

    /// Waits until nothing is waiting, in progress or scheduled.
    func settle(seconds: Double = 30) throws {
        try waitUntil("everything is settled\n\(worker.standardError)", seconds: seconds) {
            try statistics().depth == 0
        }
    }

    /// The state of the queue of events.
    func statistics() throws -> QueueStatistics {
        let connection = RedisConnection(endpoint: try RedisEndpoint(parsing: redis.url))
        return try DeliveryQueue(connection: connection).statistics()
    }

    /// The app in the directory.
    func app(_ app: App) throws -> GoldenValue {
        guard let found = try export()["apps"].elements.first(where: { $0["id"].integer == Int64(app.id) }) else {
            throw TestSupportError("the directory has no app \(app.id)")
        }
        return found
    }

    func export() throws -> GoldenValue {
        let (status, output, error) = try ChildProcess.run([
            BuiltProducts.path("hookline"), "directory", "export", "--directory", directoryURL,
        ])
        guard status == .exited(0) else { throw TestSupportError(error) }
        return try GoldenValue(parsing: output)
    }

    private static var templates: String {
        #filePath.components(separatedBy: "/Tests/")[0] + "/conf/templates"
    }

    /// Owner of organization 1 is `ada`, of 2 `bob`; `ada` and `eve` both own 1.
    private static func document(_ apps: [App], receiver: WebhookReceiver) -> String {
        func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ",") }
        var rows = (apps: [String](), installations: [String](), hooks: [String]())
        for app in apps {
            let url = receiver.url(app.path)
            let targets = app.targets.map { #"{"name":"\#($0.name)","url":"\#(receiver.url($0.path))"}"# }
            rows.apps.append(
                """
                {"id":\(app.id),"slug":"\(app.slug)","name":"my app \(app.id)","owner_id":\(app.organizations[0]),
                "status":"\(app.status)","webhook_url":"\(url)","client_secret":"\(secret)","events":[\(list(app.events))],
                "targets":[\(targets.joined(separator: ","))]}
                """)
            for organization in app.organizations {
                let id = app.id * 10 + organization
                rows.installations.append(
                    """
                    {"id":\(id),"app_id":\(app.id),"organization_id":\(organization),
                    "uuid":"\(app.installation(organization))"}
                    """)
                guard let events = app.hookEvents else { continue }
                rows.hooks.append(
                    """
                    {"id":\(id),"installation_id":\(id),"organization_id":\(organization),"url":"\(url)",
                    "events":[\(list(events))]}
                    """)
            }
        }
        return """
            {"organizations":[{"id":1,"slug":"one"},{"id":2,"slug":"two"}],
            "users":[{"id":1,"email":"ada@one.test"},{"id":2,"email":"bob@two.test"},{"id":3,"email":"eve@one.test"},
            {"id":4,"email":"mia@one.test"}],
            "memberships":[{"user_id":1,"organization_id":1,"role":"owner"},
            {"user_id":2,"organization_id":2,"role":"owner"},{"user_id":3,"organization_id":1,"role":"owner"},
            {"user_id":4,"organization_id":1,"role":"member"}],
            "tokens":[{"token":"\(token)","user_id":2,"scopes":["hookline:enqueue"]}],
            "apps":[\(rows.apps.joined(separator: ","))],
            "installations":[\(rows.installations.joined(separator: ","))],
            "service_hooks":[\(rows.hooks.joined(separator: ","))]}
            """
    }
}
