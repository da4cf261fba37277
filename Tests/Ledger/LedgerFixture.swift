import Foundation
import Model
import TestSupport

/// The real programs: Redis with an append-only file, a directory, a responder, workers; and a receiver.
final class LedgerFixture: @unchecked Sendable {
    static let tokenText = String(repeating: "7", count: 64)

    let folder: TemporaryDirectory
    let receiver: WebhookReceiver
    let socketPath: String
    private let lock = NSLock()
    private var redis: RedisServer
    private var workers: [ChildProcess] = []
    private var responder: ChildProcess

    var redisURL: String { "unix:" + folder.file("redis.sock") }
    private var directoryURL: String { "sqlite:" + folder.file("directory.sqlite") }

    init(plan: LedgerPlan, workerCount: Int) throws {
        let folder = try TemporaryDirectory()
        self.folder = folder
        receiver = try WebhookReceiver()
        redis = try Self.startRedis(folder)
        try importDirectory(Self.document(plan, receiver: receiver), in: folder)
        let path = folder.file("hookline.sock")
        socketPath = path
        responder = try Self.startResponder(folder, socketPath: path)
        try waitUntil("the responder listens") { (try? FastCGIClient(socketPath: path)) != nil }
        for _ in 0..<workerCount { workers.append(try startWorker()) }
    }

    /// Kills a worker with SIGKILL and starts another in its place.
    func replaceWorker(_ index: Int) throws {
        try lock.withLock {
            kill(workers[index].pid, SIGKILL)
            _ = try workers[index].waitForExit()
            workers[index] = try startWorker()
        }
    }

    /// Kills the responder with SIGKILL and starts another in its place.
    func replaceResponder() throws {
        try lock.withLock {
            kill(responder.pid, SIGKILL)
            _ = try responder.waitForExit()
            responder = try Self.startResponder(folder, socketPath: socketPath)
        }
    }

    /// Kills Redis with SIGKILL and restarts it with its file.
    func restartRedis() throws {
        try lock.withLock {
            kill(redis.process.pid, SIGKILL)
            _ = try redis.process.waitForExit()
            redis = try Self.startRedis(folder)
        }
    }

    /// The workers' error output, for finding the cause of a failure.
    var workerErrors: String {
        lock.withLock { workers.map { String($0.standardError.suffix(2000)) }.joined(separator: "\n") }
    }

    private static func startResponder(_ folder: TemporaryDirectory, socketPath: String) throws -> ChildProcess {
        try ChildProcess(
            [BuiltProducts.path("hookline-fcgi")],
            environment: [
                "HOOKLINE_LISTEN": "unix:" + socketPath, "HOOKLINE_REDIS": "unix:" + folder.file("redis.sock"),
                "HOOKLINE_DIRECTORY": "sqlite:" + folder.file("directory.sqlite"), "HOOKLINE_ACCESS_LOG": "off",
                "HOOKLINE_REDIS_COMMAND_MS": "10000",
            ])
    }

    private func startWorker() throws -> ChildProcess {
        try ChildProcess(
            [BuiltProducts.path("hookline-worker")],
            environment: [
                "HOOKLINE_REDIS": redisURL, "HOOKLINE_DIRECTORY": directoryURL,
                "HOOKLINE_ALLOWED_NETWORKS": "127.0.0.0/8", "HOOKLINE_WEBHOOK_TIMEOUT_MS": "1000",
                "HOOKLINE_RETRY_DELAYS": "1,1,1", "HOOKLINE_VISIBILITY_SECONDS": "10", "HOOKLINE_LOG_LEVEL": "warning",
            ])
    }

    private static func startRedis(_ folder: TemporaryDirectory) throws -> RedisServer {
        try RedisServer(directory: folder, extraArguments: ["--appendonly", "yes", "--appendfsync", "always"])
    }

    private static func relayDocument(_ plan: LedgerPlan, receiver: WebhookReceiver) -> String {
        let apps = plan.apps.map { app in
            let targets = app.targets.map { name, behaviour in
                #"{"name":"\#(name)","url":"\#(receiver.url(behaviour.rawValue))"}"#
            }
            return """
                {"id":\(app.id),"slug":"\(app.slug)","owner_id":1,"status":"internal","uuid":"\(app.uuid)",\
                "client_secret":"\(LedgerPlan.secret)","targets":[\(targets.joined(separator: ","))]}
                """
        }
        return #"{"organizations":[{"id":1,"slug":"owner"}],"apps":[\#(apps.joined(separator: ",\n"))]}"#
    }

    private static func document(_ plan: LedgerPlan, receiver: WebhookReceiver) -> String {
        let events = #"["issue","error","comment"]"#
        let hooked = EventCatalogue.version23Dot7.events.filter(\.needsSubscription).map { "\"\($0.rawValue)\"" }
            .joined(separator: ",")
        guard !plan.isRelay else { return relayDocument(plan, receiver: receiver) }
        let apps = plan.apps.map { app in
            """
            {"id":\(app.id),"slug":"\(app.slug)","owner_id":1,"status":"published","uuid":"\(app.uuid)",\
            "webhook_url":"\(receiver.url(app.behaviour.rawValue))","client_secret":"\(LedgerPlan.secret)",\
            "events":\(events)}
            """
        }
        let installations = plan.apps.map { app in
            #"{"id":\#(app.id),"app_id":\#(app.id),"organization_id":1,"uuid":"\#(app.uuid)"}"#
        }
        let hooks = plan.apps.map { app in
            """
            {"id":\(app.id),"installation_id":\(app.id),"organization_id":1,\
            "url":"\(receiver.url(app.behaviour.rawValue))","events":[\(hooked)]}
            """
        }
        return """
            {"organizations":[{"id":1,"slug":"owner"}],"users":[{"id":1,"username":"platform"}],
            "tokens":[{"token":"\(tokenText)","user_id":1,"scopes":["hookline:enqueue"]}],
            "apps":[\(apps.joined(separator: ",\n"))],
            "installations":[\(installations.joined(separator: ",\n"))],
            "service_hooks":[\(hooks.joined(separator: ",\n"))]}
            """
    }
}
