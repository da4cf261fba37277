import Foundation
import Model
import TestSupport
import Testing

/// The response cache of the shipped responder behind nginx, which is on by default.
@Suite
struct ResponseCacheTests {
    private static let pages = ["requests/", "webhook-requests/", "health/"]

    @Test func eachReadShowsTheLastWriteAndARepeatedReadLoadsNoList() throws {
        let server = try ServerFixture(responderFlags: ["--threads", "2", "--directory-cache-seconds", "60"])
        for page in Self.pages {
            let path = "/api/0/sentry-apps/sample-app/" + page
            for count in 1...3 {
                try addRow(to: server.redis)
                let first = try server.get(path, as: ServerFixture.owner)
                // The first check of the invalidation connection may be outstanding.
                try waitUntil("a read of \(page) costs Redis no list") {
                    let reads = try Self.listReads(server.redis)
                    let again = try server.get(path, as: ServerFixture.owner)
                    #expect(again.status == 200 && again.body == first.body)
                    #expect(again.header("ETag") == first.header("ETag"))
                    return try Self.listReads(server.redis) == reads
                }
                #expect(first.status == 200)
                let json = try #require(first.json)
                let rows = page == "health/" ? json["requests24h"].integer : Int64(json.elements.count)
                #expect(rows == Int64(count))
            }
            try server.redis.command("FLUSHALL")
            // The log is empty again for the next page.
            _ = try server.get(path, as: ServerFixture.owner)
        }
        #expect(try server.redis.command("CLIENT", "LIST").contains("name=hookline-cache"))
    }

    /// Two responders, so that the rows are erased by one and shown from the cache of the other.
    @Test func erasedRowsAreNotShownFromTheCache() throws {
        let server = try ServerFixture(
            responder: .fastCGI(count: 2), responderFlags: ["--threads", "2", "--directory-cache-seconds", "60"])
        let key = "sentry-app-webhook-request:{1}:issue.created"
        for number in 1...5 {
            let id = String(repeating: String(number), count: 32)
            let row = """
                {"date":"\(Timestamp.now().pythonDescription)","response_code":200,"request_id":"\(id)",\
                "webhook_url":"https://hook.example.test/in","organization_id":1}
                """
            try server.redis.push([row], to: key)
            for page in Self.pages {
                for _ in 0..<6 { _ = try server.get("/api/0/sentry-apps/sample-app/" + page, as: ServerFixture.owner) }
            }

            let erased = try server.client().send(
                "DELETE", "\(ServerFixture.log)\(id)/", basic: "\(ServerFixture.owner):\(ServerFixture.password)",
                headers: [("Sec-Fetch-Site", "same-origin")])

            #expect(erased.status == 200, "\(erased.text)")
            for page in Self.pages {
                for _ in 0..<6 {
                    let response = try server.get("/api/0/sentry-apps/sample-app/" + page, as: ServerFixture.owner)
                    let json = try #require(response.json)
                    let rows = page == "health/" ? json["requests24h"].integer : Int64(json.elements.count)
                    #expect(rows == 0, "\(page)")
                }
            }
        }
    }

    @Test func aCacheSizeOf0DisablesTheCache() throws {
        let server = try ServerFixture(responderFlags: [
            "--threads", "2", "--directory-cache-seconds", "60", "--log-cache-bytes", "0",
        ])
        try server.addRow()
        _ = try server.get(ServerFixture.log, as: ServerFixture.owner)
        let reads = try Self.listReads(server.redis)
        _ = try server.get(ServerFixture.log, as: ServerFixture.owner)
        #expect(try Self.listReads(server.redis) > reads)
        #expect(try !server.redis.command("CLIENT", "LIST").contains("name=hookline-cache"))
    }

    @Test func withoutPermissionForClientTrackingThatIsLoggedOnceAndNothingIsCached() throws {
        let server = try ServerFixture(responderFlags: ["--threads", "1", "--directory-cache-seconds", "60"])
        try server.redis.command("ACL", "SETUSER", "default", "-client|tracking")
        for second in 0..<3 {
            try server.addRow(second: second)
            #expect(try server.get(ServerFixture.log, as: ServerFixture.owner).json?.elements.count == second + 1)
        }
        let log = server.responders[0].standardError
        #expect(log.components(separatedBy: "the response cache is off: Redis does not report changes").count == 2)
    }

    /// A row of today: two of the pages show only the last days.
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
