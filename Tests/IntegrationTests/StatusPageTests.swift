import Foundation
import TestSupport
import Testing

/// The status page of the shipped programs behind the shipped nginx files.
@Suite(.serialized)
struct StatusPageTests {
    @Test(arguments: [ServerFixture.SignIn.password, .singleSignOn])
    func onlyMonitoringAddressesCanReadIt(_ signIn: ServerFixture.SignIn) throws {
        let server = try ServerFixture(signIn: signIn)
        try server.redis.command(
            "HSET", "hookline:{metrics}", "retries", "7", "http_response|200|sample|issue.created", "3")

        let response = try server.client().send("GET", "/-/status?openmetrics")
        let samples = try OpenMetricsSamples(parsing: response.text)
        let text = try server.client().send("GET", "/-/status")
        let json = try server.client().send("GET", "/-/status?json")
        let foreign = try server.client(asAdministrator: true).send(
            "GET", "/-/status", basic: "\(ServerFixture.superuser):\(ServerFixture.password)")

        #expect(response.status == 200)
        #expect(response.header("Content-Type") == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(response.header("Cache-Control") == "no-store")
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

    @Test func itSpeaksOfTheResponderInTheWordsOfPHPFPM() throws {
        let server = try ServerFixture(responderFlags: ["--threads", "1", "--access-format", "%R %u %m %r %s %n"])
        try server.addRow()
        #expect(try server.get(ServerFixture.log + "?eventType=issue.created", as: ServerFixture.owner).status == 200)
        #expect(try server.get("/api/0/sentry-apps/nowhere/requests/", as: ServerFixture.owner).status == 404)
        #expect(try server.client(asAdministrator: true).send("GET", "/-/ping").status == 200)

        let text = try server.client().send("GET", "/-/status").text
        let full = try server.client().send("GET", "/-/status?full")
        let json = try #require(try server.client().send("GET", "/-/status?json&full").json)
        let samples = try OpenMetricsSamples(parsing: server.client().send("GET", "/-/status?openmetrics").text)

        for key in [
            "pool", "process manager", "start time", "start since", "accepted conn", "listen queue",
            "max listen queue", "listen queue len", "idle processes", "active processes", "total processes",
            "max active processes", "max children reached", "slow requests", "memory peak",
        ] {
            #expect(text.hasPrefix(key + ":") || text.contains("\n" + key + ":"), "\(key)")
        }
        #expect(full.text.contains("\n************************\npid:"))
        #expect(!full.text.contains("eventType"))
        #expect(json["pool"].string == "hookline-1")
        #expect(json["processes"].elements.map { $0["state"].string } == ["Running"])
        let labels = #"method="GET",responder="hookline-1",route="requests""#
        #expect(samples.values["hookline_responder_requests_total{\(labels),status=\"200\"}"] == 1)
        #expect(samples.values["hookline_responder_requests_total{\(labels),status=\"404\"}"] == 1)
        let duration = #"hookline_responder_request_duration_seconds_count{responder="hookline-1",route="requests"}"#
        #expect(samples.values[duration] == 2)
        #expect(try #require(samples.values[#"hookline_responder_resident_memory_bytes{responder="hookline-1"}"#]) > 0)
        let log = server.responders[0].standardError
        #expect(log.contains("\n127.0.0.1 \(ServerFixture.owner) GET \(ServerFixture.log) 200 hookline-1\n"))
        #expect(log.contains("\n\(ServerFixture.adminAddress) - GET /-/ping 200 hookline-1\n"))
    }

    @Test func theAddressesOfTheMonitoringAreLetInByAFileOfTheirOwn() throws {
        let server = try ServerFixture()
        #expect(try server.client(asAdministrator: true).send("GET", "/-/status").status == 403)

        try server.directory.write("allow \(ServerFixture.adminAddress);\n", to: "hookline.monitors")
        server.nginx.send(signal: SIGHUP)

        try waitUntil("the address is let in") {
            try server.client(asAdministrator: true).send("GET", "/-/status").status == 200
        }
    }

    @Test func itRespondsWithoutRedis() throws {
        let server = try ServerFixture()
        server.redis.process.send(signal: SIGKILL)
        _ = try server.redis.process.waitForExit()

        let text = try server.client().send("GET", "/-/status")
        let metrics = try server.client().send("GET", "/-/status?openmetrics")
        let post = try server.client().send("POST", "/-/status", body: Array("x".utf8))

        #expect(text.status == 200)
        #expect(text.text.contains("unreachable"))
        #expect(try OpenMetricsSamples(parsing: metrics.text).values["hookline_redis_up"] == 0)
        #expect(post.status == 405)
    }
}
