import Foundation
import TestSupport
import Testing

/// The pages of a log, followed by the addresses that the answers themselves give.
@Suite(.serialized)
struct PagingTests {
    @Test func theNextLinksLeadThroughTheWholeLog() throws {
        let site = try ServerFixture()
        for second in 0..<5 { try site.addRow(second: second) }
        let path = "/api/0/sentry-apps/sample-app/webhook-requests/"
        let whole = try site.get(path + "?start=2026-01-01T00:00:00Z", as: ServerFixture.owner)

        var rows: [GoldenValue] = []
        var target = path + "?start=2026-01-01T00:00:00Z&per_page=2"
        for _ in 0..<3 {
            let page = try site.get(target, as: ServerFixture.owner)
            #expect(page.status == 200)
            rows += page.json?.elements ?? []
            let next = try #require(page.header("Link")?.components(separatedBy: ", ").last)
            let address = try #require(next.split(separator: ">").first?.dropFirst())
            // Name, port and all: what a client without knowledge of the site would ask next.
            let base = "https://127.0.0.1:\(site.port)"
            #expect(address.hasPrefix(base + path), "\(address)")
            #expect(next.contains(#"rel="next""#))
            target = String(address.dropFirst(base.count))
        }

        #expect(whole.json?.elements.count == 5)
        #expect(GoldenValue.array(rows) == whole.json)
    }
}
