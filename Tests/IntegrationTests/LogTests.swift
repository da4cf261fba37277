import Foundation
import TestSupport
import Testing

/// The largest possible log.
@Suite(.serialized)
struct FullLogTests {
    @Test func aHundredRowsWithTheLongestBodiesComeThroughWhole() throws {
        let server = try ServerFixture()
        // 1024 characters of six bytes each, escaped once more in the stored object.
        let body = "\\\"" + String(repeating: "\\\\u00e9", count: 170)
        let connection = try RedisTestConnection(socketPath: server.redis.socketPath)
        for event in ["issue.created", "error.created", "installation.created"] {
            for index in 0..<100 {
                let row = """
                    {"date":"2026-01-02 03:\(index / 60 + 10):\(index % 60 + 10 > 59 ? 59 : index % 60 + 10).500000+00:00",\
                    "response_code":500,"webhook_url":"https://hook.example.test/in","request_headers":{"A":"\
                    \(String(repeating: "h", count: 2000))"},"response_body":"\(body)","request_body":"\(body)",\
                    "organization_id":1}
                    """
                try connection.command(["LPUSH", "sentry-app-webhook-request:{1}:\(event)", row])
            }
        }

        let response = try server.get(ServerFixture.log, as: ServerFixture.owner)

        let rows = try #require(response.json?.elements)
        #expect(response.status == 200)
        #expect(rows.count == 100)
        #expect(response.header("Content-Length").flatMap { Int($0) } ?? response.body.count == response.body.count)
        #expect(rows.allSatisfy { ($0["responseBody"].string?.utf8.count ?? 0) == 1 + 170 * 6 })
        #expect(!server.errorLog.contains("temporary file"))
    }
}

/// The pages of a log, followed by the links in the responses.
@Suite(.serialized)
struct PagingTests {
    @Test func theNextLinksLeadThroughTheWholeLog() throws {
        let server = try ServerFixture()
        for second in 0..<5 { try server.addRow(second: second) }
        let path = "/api/0/sentry-apps/sample-app/webhook-requests/"
        let whole = try server.get(path + "?start=2026-01-01T00:00:00Z", as: ServerFixture.owner)

        var rows: [GoldenValue] = []
        var target = path + "?start=2026-01-01T00:00:00Z&per_page=2"
        for _ in 0..<3 {
            let page = try server.get(target, as: ServerFixture.owner)
            #expect(page.status == 200)
            rows += page.json?.elements ?? []
            let next = try #require(page.header("Link")?.components(separatedBy: ", ").last)
            let address = try #require(next.split(separator: ">").first?.dropFirst())
            // Name, port and all: what a client without knowledge of the server would ask next.
            let base = "https://127.0.0.1:\(server.port)"
            #expect(address.hasPrefix(base + path), "\(address)")
            #expect(next.contains(#"rel="next""#))
            target = String(address.dropFirst(base.count))
        }

        #expect(whole.json?.elements.count == 5)
        #expect(GoldenValue.array(rows) == whole.json)
    }
}
