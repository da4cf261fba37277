import Foundation
import TestSupport
import Testing

/// The shipped responder behind nginx with answers kept, which is its default.
@Suite("Kept answers of the shipped program")
struct AnswerCacheTests {
    private static let places = ["requests/", "webhook-requests/", "health/"]

    @Test("Write, read, read, write, read: each answer is the log's, and the second read costs Redis no list")
    func writesAndReads() throws {
        let site = try Site(responderFlags: ["--threads", "2"])
        for place in Self.places {
            let path = "/api/0/sentry-apps/sample-app/" + place
            for second in 0..<3 {
                try site.addRow(second: second)
                let first = try site.get(path, as: Site.owner)
                let reads = try Self.listReads(site.redis)
                let again = try site.get(path, as: Site.owner)

                #expect(first.status == 200 && again.status == 200)
                #expect(again.body == first.body)
                #expect(again.header("ETag") == first.header("ETag"))
                #expect(try Self.listReads(site.redis) == reads)
                if place != "health/" { #expect(first.json?.elements.count == second + 1) }
            }
            try site.redis.command("FLUSHALL")
        }
        #expect(try site.redis.command("CLIENT", "LIST").contains("name=hookline-cache"))
    }

    @Test("Not with a memory of 0")
    func turnedOff() throws {
        let site = try Site(responderFlags: ["--threads", "2", "--log-cache-bytes", "0"])
        try site.addRow()
        _ = try site.get(Site.log, as: Site.owner)
        let reads = try Self.listReads(site.redis)
        _ = try site.get(Site.log, as: Site.owner)
        #expect(try Self.listReads(site.redis) > reads)
        #expect(try !site.redis.command("CLIENT", "LIST").contains("name=hookline-cache"))
    }

    @Test("Where Redis may not be asked to tell of changes, it is said once and every answer is made anew")
    func refused() throws {
        let site = try Site(responderFlags: ["--threads", "1"])
        try site.redis.command("ACL", "SETUSER", "default", "-client|tracking")
        for second in 0..<3 {
            try site.addRow(second: second)
            #expect(try site.get(Site.log, as: Site.owner).json?.elements.count == second + 1)
        }
        let log = site.responders[0].standardError
        #expect(log.components(separatedBy: "answers are not kept: Redis does not tell of changes").count == 2)
    }

    /// How many lists Redis has read out so far.
    private static func listReads(_ redis: RedisServer) throws -> Int {
        let statistics = try redis.command("INFO", "commandstats")
        let line = statistics.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_lrange:calls=") }
        return line.flatMap { Int($0.dropFirst("cmdstat_lrange:calls=".count).prefix { $0.isNumber }) } ?? 0
    }
}
