import Foundation
import Queue
import Redis
import TestSupport
import Testing

/// A receiver that redirects, with the shipped programs under both policies.
@Suite struct RedirectPolicyTests {
    typealias App = DeliveryFixture.App

    private let moved = App(id: 1, status: "internal", path: "/redirect?http://127.0.0.1/new")

    private func hookline(_ arguments: String..., in fixture: DeliveryFixture) throws -> String {
        let (status, output, error) = try fixture.hookline(arguments)
        guard status == .exited(0) || status == .exited(1) else { throw TestSupportError(error) }
        return output
    }

    private func redeliver(_ option: String, in fixture: DeliveryFixture) throws -> String {
        try hookline(
            "event", "redeliver", "--app", moved.slug, "--since", "1h", "--errors-only", option, in: fixture)
    }

    @Test func underStandardARedirectIsRetriedListedAsAnErrorAndKept() throws {
        let fixture = try DeliveryFixture([moved], settings: ["HOOKLINE_POLICY": "standard"])

        let id = try fixture.send(moved, "issue.created")
        let rows = try fixture.rows(moved, "issue.created", isErrors: true, count: 2)
        try fixture.settle()

        let queue = DeliveryQueue(connection: RedisConnection(endpoint: try RedisEndpoint(parsing: fixture.redis.url)))
        #expect(rows.map { $0["response_code"].integer } == [302, 302])
        #expect(rows.map { $0["reason"].string } == ["redirect", "redirect"])
        #expect(try queue.deadLetter(id: id)?.reason == "attempt 2 of 2 failed: 302")
        #expect(try fixture.redis.command("KEYS", "sentry-app-error:*") == "*0\r\n")
    }

    @Test func withoutASettingARedirectIsNoErrorOfTheOriginalsButWhyAndRedeliverKnowBetter() throws {
        let fixture = try DeliveryFixture([moved])

        _ = try fixture.send(moved, "issue.created")
        let row = try fixture.rows(moved, "issue.created")[0]
        try fixture.settle()
        let why = try hookline("why", moved.slug, "issue.created", in: fixture)
        let first = try redeliver("--yes", in: fixture)
        try fixture.settle()
        let again = try redeliver("--dry-run", in: fixture)

        #expect(row["response_code"].integer == 302 && row["reason"].string == "redirect")
        #expect(try fixture.redis.command("KEYS", "sentry-app-webhook-error:*") == "*0\r\n")
        #expect(try fixture.redis.command("KEYS", "sentry-app-error:*") == "*0\r\n")
        #expect(fixture.receiver.received.count == 2)
        #expect(why.contains("302 (redirect). The last one failed: the app redirects"))
        #expect(why.contains("policy"))
        #expect(first == "1 event of app-1 redelivered.\n")
        // Its redelivery has failed as well: one event, not two.
        #expect(again == "1 event of app-1 would be redelivered.\n")
    }
}
