import Foundation
import TestSupport
import Testing

/// The status page of the shipped programs behind the shipped nginx files.
@Suite(.serialized)
struct StatusPageTests {
    @Test(arguments: [Site.SignIn.password, .singleSignOn])
    func theMonitoringReadsItAndNobodyElseDoes(_ signIn: Site.SignIn) throws {
        let site = try Site(signIn: signIn)
        try site.redis.command(
            "HSET", "hookline:{metrics}", "retries", "7", "http_response|200|sample|issue.created", "3")

        let answer = try site.client().send("GET", "/-/status?openmetrics")
        let samples = try OpenMetricsSamples(parsing: answer.text)
        let text = try site.client().send("GET", "/-/status")
        let json = try site.client().send("GET", "/-/status?json")
        let foreign = try site.client(asAdministrator: true).send(
            "GET", "/-/status", basic: "\(Site.superuser):\(Site.password)")

        #expect(answer.status == 200)
        #expect(answer.header("Content-Type") == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(answer.header("Cache-Control") == "no-store")
        #expect(samples.values["hookline_retries_total"] == 7)
        #expect(samples.values["hookline_redis_up"] == 1)
        #expect(samples.values[#"hookline_queue_entries{queue="mail",state="dead"}"#] == 0)
        let series =
            #"integration_platform_http_response_total{integration="sample",status="200",webhook_event="issue.created"}"#
        #expect(samples.values[series] == 3)
        #expect(text.text.contains("redis:"))
        #expect(json.json?["redis"].string == "reachable")
        #expect(foreign.status == 403)
        #expect(!foreign.text.contains("redis"))
    }

    @Test func theAddressesOfTheMonitoringAreLetInByAFileOfTheirOwn() throws {
        let site = try Site()
        #expect(try site.client(asAdministrator: true).send("GET", "/-/status").status == 403)

        try site.directory.write("allow \(Site.adminAddress);\n", to: "hookline.monitors")
        site.nginx.send(signal: SIGHUP)

        try waitUntil("the address is let in") {
            try site.client(asAdministrator: true).send("GET", "/-/status").status == 200
        }
    }

    @Test func itAnswersWithoutRedis() throws {
        let site = try Site()
        site.redis.process.send(signal: SIGKILL)
        _ = try site.redis.process.waitForExit()

        let text = try site.client().send("GET", "/-/status")
        let metrics = try site.client().send("GET", "/-/status?openmetrics")
        let post = try site.client().send("POST", "/-/status", body: Array("x".utf8))

        #expect(text.status == 200)
        #expect(text.text.contains("unreachable"))
        #expect(try OpenMetricsSamples(parsing: metrics.text).values["hookline_redis_up"] == 0)
        #expect(post.status == 405)
    }
}
