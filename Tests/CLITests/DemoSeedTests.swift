import Directory
import Foundation
import Model
import TestSupport
import Testing

@testable import CLI

@Suite struct DemoSeedTests {
    private let now = "2026-01-31T12:34:56Z"

    /// Everything in a Redis, key by key.
    private func dump(_ redis: RedisServer) throws -> [String: String] {
        let connection = try RedisTestConnection(socketPath: redis.socketPath)
        let keys = try connection.command(["KEYS", "*"]).split(separator: "\r\n").map(String.init)
            .filter { $0.hasPrefix("sentry-app") || $0.hasPrefix("ts:") }
        var content: [String: String] = [:]
        for key in keys {
            let command = key.hasPrefix("ts:") ? ["HGETALL", key] : ["LRANGE", key, "0", "-1"]
            content[key] = try connection.command(command)
        }
        return content
    }

    @Test func theSameSeedAtTheSameTimeGivesTheSameDataTokensAndSecretsApartAgainChangesNothing() throws {
        let first = try CommandRunner(redis: try RedisServer())
        let second = try CommandRunner(redis: try RedisServer())
        func export(_ runner: CommandRunner) throws -> DirectoryDocument {
            var document = try runner.directory.document()
            for index in document.apps.indices { document.apps[index].app.clientSecret = Secret("") }
            for index in document.tokens.indices { document.tokens[index].digest = TokenDigest(hashing: "") }
            return document
        }

        for runner in [first, second] {
            let outcome = try runner.hookline("demo", "seed", "--now", now)
            #expect(outcome.status == 0, "\(outcome.error)")
        }
        let before = try dump(try #require(first.redis))
        try first.hookline("demo", "seed", "--now", now, "--force")

        #expect(try export(first) == export(second))
        #expect(try before == dump(try #require(second.redis)))
        #expect(try before == dump(try #require(first.redis)))
        let digests = try (first.directory.document().tokens + second.directory.document().tokens).map(\.digest)
        #expect(Set(digests).count == digests.count)
    }

    @Test func anotherSeedGivesOtherData() throws {
        let first = try CommandRunner(redis: try RedisServer())
        let second = try CommandRunner(redis: try RedisServer())

        try first.hookline("demo", "seed", "--now", now)
        try second.hookline("demo", "seed", "--now", now, "--seed", "2")

        #expect(try first.directory.document().issueEvents != second.directory.document().issueEvents)
        #expect(try dump(try #require(first.redis)) != dump(try #require(second.redis)))
    }

    @Test func theBusyAppHasFullListsOfRequestsAndErrorsForEveryEventOver90Days() throws {
        let runner = try CommandRunner(redis: try RedisServer())
        try runner.hookline("demo", "seed")
        let redis = try #require(runner.redis)
        let app = try #require(try runner.directory.app(slug: "release-radar"))

        for event in EventCatalogue.version23Dot7.events {
            for kind in ["request", "error"] {
                let key = "sentry-app-webhook-\(kind):{\(app.id)}:\(event.rawValue)"
                #expect(try redis.command("LLEN", key) == ":100\r\n", "\(key)")
            }
        }
        let log = try runner.hookline("log", "show", "release-radar", "--json").output
        let errors = try runner.hookline("log", "show", "release-radar", "--json", "--errors-only").output
        #expect(log.split(separator: "\n").count == 100)
        #expect(errors.contains(#""reason":"timeout""#))
        #expect(errors.contains(#""response_body":"#))
        #expect(errors.contains(#""request_headers":{"Content-Type":"application/json""#))
        let oldest = try redis.command(
            "LINDEX", "sentry-app-webhook-error:{\(app.id)}:issue.created", "99")
        let date = try #require(oldest.split(separator: "\"").first { $0.hasPrefix("20") })
        let age = Timestamp.now().seconds - (Timestamp(parsing: String(date))?.seconds ?? 0)
        #expect((75 * 86400...90 * 86400 + 3600).contains(age))
    }

    @Test func usersAppsInstallationsAndThePrintedTokenAreAsDocumented() throws {
        let runner = try CommandRunner(redis: try RedisServer())

        let outcome = try runner.hookline("demo", "seed", "--print-token")

        let directory = try runner.directory
        let token = try directory.token(digest: TokenDigest(hashing: String(outcome.output.dropLast())))
        let acme = try #require(try directory.organization(slug: "acme"))
        func role(_ login: String) throws -> Role? {
            let user = try #require(try directory.user(login: login))
            return try directory.membership(userID: user.id, organizationID: acme.id)?.role
        }
        #expect(token?.scopes == [ScopeSet(.orgRead)])
        #expect(try token?.userID == directory.user(login: "alice@acme.example")?.id)
        #expect(try role("alice@acme.example") == .owner)
        #expect(try role("mark@acme.example") == .member)
        #expect(try role("olga@globex.example") == nil)
        #expect(try directory.user(login: "root@hookline.example")?.isSuperuser == true)
        #expect(
            try ["release-radar", "night-watch", "pager-bridge", "globex-sync"].map {
                try directory.app(slug: $0)?.status
            } == [.published, .unpublished, .internal, .published])
        let app = try #require(try directory.app(slug: "release-radar"))
        let statistics = try directory.installationStatistics(
            appID: app.id, addedIn: Timestamp.now().adding(seconds: -91 * 86400)...Timestamp.now())
        #expect(statistics.totalInstalls > 30)
        #expect(statistics.totalUninstalls > 5)
        #expect(statistics.inRange.count == statistics.totalInstalls)
        #expect(outcome.error.contains("Wrote"))
    }

    @Test func interactionsAreInAllThreeRollupsWithTheLifeTimesOfTheOriginal() throws {
        let runner = try CommandRunner(redis: try RedisServer())
        // In the night of a weekend there may be none yet in the present hour. Later than now: what is over has expired.
        let today = Int64(Date().timeIntervalSince1970) / 86400
        let wednesday = today + 7 + (6 - today % 7)
        let noon = Date(timeIntervalSince1970: TimeInterval(wednesday * 86400 + 12 * 3600 + 2096))
        try runner.hookline("demo", "seed", "--now", ISO8601DateFormatter().string(from: noon))
        let redis = try #require(runner.redis)
        let connection = try RedisTestConnection(socketPath: redis.socketPath)
        let keys = try connection.command(["KEYS", "ts:800:*"]).split(separator: "\r\n").filter { $0.hasPrefix("ts:") }

        // The middle number is the time divided by the rollup, so its length tells the rollup.
        let lengths = Dictionary(grouping: keys) { $0.split(separator: ":")[2].count }

        #expect(Set(lengths.keys) == [5, 6, 9])
        let day = try #require(lengths[5]?.max())
        let number = try #require(Int64(day.split(separator: ":")[2]))
        #expect(try connection.command(["EXPIRETIME", String(day)]) == ":\(number * 86400 + 90 * 86400)\r\n")
    }

    @Test func aDirectoryWithOrganizationsIsLeftAloneAndSoIsOneWhenRedisIsNotThere() throws {
        let busy = try CommandRunner(redis: try RedisServer())
        try busy.importDocument(smallDocument)
        let alone = try CommandRunner()

        let refused = try busy.hookline("demo", "seed")
        let noRedis = try alone.hookline("demo", "seed")

        #expect(refused.status == 65)
        #expect(refused.error.contains("--force"))
        #expect(try busy.directory.organization(slug: "globex") == nil)
        #expect(try #require(busy.redis).command("DBSIZE") == ":0\r\n")
        #expect(noRedis.status == 69)
        #expect(!FileManager.default.fileExists(atPath: alone.path))
    }
}
