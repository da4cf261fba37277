import TestSupport
import Testing

/// The largest log there can be comes through whole.
@Suite(.serialized)
struct FullLogTests {
    @Test func aHundredRowsWithTheLongestBodiesComeThroughWhole() throws {
        let site = try ServerFixture()
        // 1024 characters of six bytes each, escaped once more in the stored object.
        let body = "\\\"" + String(repeating: "\\\\u00e9", count: 170)
        let connection = try RedisTestConnection(socketPath: site.redis.socketPath)
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

        let answer = try site.get(ServerFixture.log, as: ServerFixture.owner)

        let rows = try #require(answer.json?.elements)
        #expect(answer.status == 200)
        #expect(rows.count == 100)
        #expect(answer.header("Content-Length").flatMap { Int($0) } ?? answer.body.count == answer.body.count)
        #expect(rows.allSatisfy { ($0["responseBody"].string?.utf8.count ?? 0) == 1 + 170 * 6 })
        #expect(!site.errorLog.contains("temporary file"))
    }
}
