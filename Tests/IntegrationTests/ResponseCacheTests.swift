import Foundation
import Model
import TestSupport
import Testing

/// The shipped responder behind nginx with answers kept, which is its default.
/// Kept answers of the shipped program.
@Suite
struct AnswerCacheTests {
    private static let places = ["requests/", "webhook-requests/", "health/"]

    @Test func writeReadReadWriteReadEachAnswerIsTheLogsAndReadingAgainCostsRedisNoList() throws {
        let site = try ServerFixture(responderFlags: ["--threads", "2", "--directory-cache-seconds", "60"])
        for place in Self.places {
            let path = "/api/0/sentry-apps/sample-app/" + place
            for count in 1...3 {
                try addRow(to: site.redis)
                let first = try site.get(path, as: ServerFixture.owner)
                // Not at once where Redis had no time for its sign of life.
                try waitUntil("a read of \(place) costs Redis no list") {
                    let reads = try Self.listReads(site.redis)
                    let again = try site.get(path, as: ServerFixture.owner)
                    #expect(again.status == 200 && again.body == first.body)
                    #expect(again.header("ETag") == first.header("ETag"))
                    return try Self.listReads(site.redis) == reads
                }
                #expect(first.status == 200)
                let json = try #require(first.json)
                let rows = place == "health/" ? json["requests24h"].integer : Int64(json.elements.count)
                #expect(rows == Int64(count))
            }
            try site.redis.command("FLUSHALL")
            // Emptied, and seen to be: the next place begins anew.
            _ = try site.get(path, as: ServerFixture.owner)
        }
        #expect(try site.redis.command("CLIENT", "LIST").contains("name=hookline-cache"))
    }

    @Test func notWithAMemoryOf0() throws {
        let site = try ServerFixture(responderFlags: [
            "--threads", "2", "--directory-cache-seconds", "60", "--log-cache-bytes", "0",
        ])
        try site.addRow()
        _ = try site.get(ServerFixture.log, as: ServerFixture.owner)
        let reads = try Self.listReads(site.redis)
        _ = try site.get(ServerFixture.log, as: ServerFixture.owner)
        #expect(try Self.listReads(site.redis) > reads)
        #expect(try !site.redis.command("CLIENT", "LIST").contains("name=hookline-cache"))
    }

    @Test func whereRedisMayNotBeAskedToTellOfChangesItIsSaidOnceAndEveryAnswerIsMadeAnew() throws {
        let site = try ServerFixture(responderFlags: ["--threads", "1", "--directory-cache-seconds", "60"])
        try site.redis.command("ACL", "SETUSER", "default", "-client|tracking")
        for second in 0..<3 {
            try site.addRow(second: second)
            #expect(try site.get(ServerFixture.log, as: ServerFixture.owner).json?.elements.count == second + 1)
        }
        let log = site.responders[0].standardError
        #expect(log.components(separatedBy: "answers are not kept: Redis does not tell of changes").count == 2)
    }

    /// A row of today: two of the places show the last days only.
    private func addRow(to redis: RedisServer) throws {
        let row = """
            {"date":"\(Timestamp.now().pythonDescription)","response_code":200,\
            "webhook_url":"https://hook.example.test/in","organization_id":1}
            """
        try redis.command("LPUSH", "sentry-app-webhook-request:{1}:issue.created", row)
    }

    /// How many lists Redis has read out so far.
    private static func listReads(_ redis: RedisServer) throws -> Int {
        let statistics = try redis.command("INFO", "commandstats")
        let line = statistics.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_lrange:calls=") }
        return line.flatMap { Int($0.dropFirst("cmdstat_lrange:calls=".count).prefix { $0.isNumber }) } ?? 0
    }
}
