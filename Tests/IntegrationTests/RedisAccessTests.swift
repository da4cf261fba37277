import Foundation
import Model
import TestSupport
import Testing

/// The access rules for Redis that docs/security.md recommends: all programs work with them, and nothing else does.
@Suite(.serialized)
struct RedisAccessTests {
    private static let path = ServerFixture.repositoryPath("conf/redis/hookline.acl")

    /// Starts Redis with the shipped rules, the user `hookline` having the password `hook`.
    private func redis() throws -> RedisServer {
        let folder = try TemporaryDirectory()
        let text = try String(contentsOfFile: Self.path, encoding: .utf8)
        for number in 1...3 { #expect(text.contains(">CHANGE-ME-\(number) ")) }
        let rules = text.replacing("CHANGE-ME-1", with: "admin").replacing("CHANGE-ME-2", with: "hook")
            .replacing("CHANGE-ME-3", with: "platform")
        try folder.write(rules, to: "users.acl")
        return try RedisServer(
            directory: folder, port: try freePort(), extraArguments: ["--aclfile", folder.file("users.acl")])
    }

    /// Redis' record of what it has refused, without its header.
    private func refusals(_ redis: RedisServer) throws -> String {
        let connection = try RedisTestConnection(socketPath: redis.socketPath)
        #expect(try connection.command(["AUTH", "admin", "admin"]).hasPrefix("+OK"))
        return try connection.command(["ACL", "LOG"])
    }

    @Test func allProgramsWorkWithThemAndNoCommandIsRefused() throws {
        let redis = try redis()
        let app = DeliveryFixture.App(id: 41, status: "internal")
        let failing = DeliveryFixture.App(id: 42, status: "internal", path: "/status/410")
        let silent = DeliveryFixture.App(id: 43, status: "internal")
        let delivery = try DeliveryFixture(
            [app, failing, silent], settings: ["HOOKLINE_SILENCE_MAIL": "on"],
            access: (redis, "redis://hookline:hook@127.0.0.1:\(redis.port ?? 0)/0")
        ) { redis in
            // One app is silent, and one is to be forgotten.
            let connection = try RedisTestConnection(socketPath: redis.socketPath)
            _ = try connection.command(["AUTH", "admin", "admin"])
            let now = Timestamp.now().seconds
            let times = [String(now - 10 * 86_400), "43", String(now - 500 * 86_400), "99"]
            #expect(try connection.command(["ZADD", "hookline:{silence}:attempts"] + times).hasPrefix(":2"))
        }

        let id = try delivery.send(app, "issue.created")
        _ = try delivery.requests(id)
        let failed = try delivery.send(failing, "issue.created")
        _ = try delivery.requests(failed)
        try waitUntil("the owners' mails", seconds: 30) {
            let subjects = try delivery.mailServer.mails().compactMap { $0.header("Subject") }
            return ["Action required", "Nothing is sent"].allSatisfy { part in subjects.contains { $0.hasPrefix(part) }
            }
        }
        for (method, target) in [
            ("GET", "/api/0/sentry-apps/app-41/requests/"), ("GET", "/api/0/sentry-apps/app-41/requests/"),
            ("GET", "/api/0/sentry-apps/app-41/webhook-requests/?per_page=2"),
            ("GET", "/api/0/sentry-apps/app-41/interaction/"), ("GET", "/api/0/sentry-apps/app-41/stats/"),
            ("GET", "/api/0/sentry-apps/app-41/health/"), ("GET", "/api/0/sentry-apps/app-41/deliveries/"),
            ("GET", "/api/0/sentry-apps/app-41/requests/\(id)/"),
            ("GET", "/api/0/sentry-apps/app-41/why/?eventType=issue.created"),
            ("POST", "/api/0/sentry-apps/app-41/interaction/"), ("POST", "/api/0/sentry-apps/app-42/enable/"),
            ("POST", "/api/0/sentry-apps/app-41/redrive/"),
            ("POST", "/api/0/sentry-apps/app-41/requests/\(id)/redeliver/"), ("GET", "/-/status?full"),
            ("DELETE", "/api/0/sentry-apps/app-42/requests/\(failed)/"),
            ("DELETE", "/api/0/sentry-apps/app-41/dead-letters/"),
        ] {
            let status = try delivery.call(method, target)
            #expect((200..<300).contains(status), "\(method) \(target): \(status)")
        }
        for command in [
            ["log", "show", "app-41"], ["log", "add", "app-41", "--event", "issue.created", "--code", "200"],
            ["event", "send", app.installation(), "issue.created", "--data", "{}"],
            ["event", "show", id, "--app", "app-41"], ["event", "redeliver", id, "--app", "app-41"],
            ["event", "erase", id, "--app", "app-41"],
            ["queue", "status"], ["queue", "list"], ["queue", "redrive", "--all"],
            ["queue", "delete", "--all", "--yes"],
            ["app", "disable", "app-42", "--reason", "test"], ["app", "enable", "app-42"],
            ["why", "app-41", "issue.created"],
        ] {
            let result = try delivery.hookline(command)
            // Here a diagnosis has one problem: the command line does not allow the receiver's loopback address.
            let status: Int32 = command[0] == "why" ? 1 : 0
            #expect(result.status == .exited(status), "\(command): \(result.output) \(result.error)")
        }

        #expect(try refusals(redis) == "*0\r\n")
    }

    @Test func theyAllowEveryCommandThatTheSourcesName() throws {
        let rules = try String(contentsOfFile: Self.path, encoding: .utf8)
        let line = try #require(rules.split(separator: "\n").first { $0.hasPrefix("user hookline ") })
        let allowed = Set(
            line.split(separator: " ").filter { $0.hasPrefix("+") }.map { $0.dropFirst().prefix { $0 != "|" } })
        let sources = ServerFixture.repositoryPath("Sources")
        let names = try #require(FileManager.default.subpaths(atPath: sources)).filter { $0.hasSuffix(".swift") }

        var commands = Set<Substring>()
        for name in names {
            let text = try String(contentsOfFile: "\(sources)/\(name)", encoding: .utf8)
            commands.formUnion(text.matches(of: #/redis\.p?call\('([A-Z]+)'/#).map { $0.output.1 })
            commands.formUnion(text.matches(of: #/request\.append\(\s*"([A-Z]+)"/#).map { $0.output.1 })
        }

        #expect(commands.count > 30)
        // AUTH needs no permission.
        #expect(commands.subtracting(["AUTH"]).filter { !allowed.contains(Substring($0.lowercased())) } == [])
    }

    @Test func anotherUserOfTheServerCannotQueueEventsOrMails() throws {
        let redis = try redis()
        let platform = try RedisTestConnection(socketPath: redis.socketPath)
        try platform.command(["AUTH", "platform", "platform"])

        let log = try platform.command(["LPUSH", "sentry-app-webhook-request:{1}:issue.created", "{}"])
        let event = try platform.command(["XADD", "hookline:{queue:events:0}:stream", "*", "id", "1"])
        let mail = try platform.command(["XADD", "hookline:{queue:mail:0}:stream", "*", "id", "1"])
        let all = try platform.command(["FLUSHALL"])

        #expect(log == ":1\r\n")
        for reply in [event, mail, all] { #expect(reply.hasPrefix("-NOPERM"), "\(reply)") }
    }
}
