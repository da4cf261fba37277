import Buffer
import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing

/// A metric store and queues of a test's own choosing.
private final class Fleet: MetricReading, QueueStatisticsReading, SilenceCountReading {
    var stored = MetricCounts()
    var alive: [WorkerReport] = []
    var held = QueueStatistics()
    var silent: [String: Int64]?
    var failure: RedisError?
    private(set) var questions = 0

    let queueName = "events"

    private func result<Value>(_ value: Value) throws(RedisError) -> Value {
        questions += 1
        if let failure { throw failure }
        return value
    }

    func counts() throws(RedisError) -> MetricCounts { try result(stored) }
    func workers() throws(RedisError) -> [WorkerReport] { try result(alive) }
    func statistics() throws(RedisError) -> QueueStatistics { try result(held) }
    func silentApps() throws(RedisError) -> [String: Int64]? { try result(silent) }
}

/// The status page.
@Suite
struct StatusTests {
    private let fleet = Fleet()
    private let fixture = HandlersFixture()

    init() {
        let slug = "quo\"te\\back\nline"
        fleet.stored.add(7, to: MetricSeries(.responses, tags: ["200", "sample", "issue.created"]))
        fleet.stored.add(2, to: MetricSeries(.responses, tags: ["timeout", slug, "issue.created"]))
        fleet.stored.add(11, to: MetricSeries(.processed, tags: ["issue.created"]))
        fleet.stored.add(3, to: MetricSeries(.retries))
        var times = LatencyCounts(.duration)
        for milliseconds in [3, 70, 900, 31_000] { times.record(milliseconds: Int64(milliseconds)) }
        fleet.stored.add(times)
        fleet.alive = [
            WorkerReport(
                consumer: "host:1", version: "9.9", policy: "standard",
                startedAt: HandlersFixture.now.adding(seconds: -60), inFlight: 4,
                lastSeenAt: HandlersFixture.now.adding(seconds: -2)),
            WorkerReport(
                consumer: "host:2", version: "9.9", startedAt: HandlersFixture.now, inFlight: 1,
                lastSeenAt: HandlersFixture.now),
        ]
        fleet.held.waiting = 5
        fleet.held.pending = 6
        fleet.held.scheduled = 7
        fleet.held.dead = 8
        fleet.held.discarded = 9
        fleet.held.oldestDueAt = Timestamp(microseconds: HandlersFixture.now.microseconds - 1_500_000)
    }

    private func respond(
        _ query: String = "", method: String = "GET", path: String = "/-/status", sources: StatusSources? = nil
    ) -> Response {
        let status =
            sources
            ?? StatusSources(
                metrics: fleet, queues: [fleet], version: "1.2", startedAt: HandlersFixture.now.adding(seconds: -3600))
        return Service(
            dependencies: Dependencies(
                directory: fixture.directory, requestLog: fixture.log, interactions: fixture.interactions,
                queue: MemoryEventQueue(), payloads: MemoryPayloads(), clock: fixture.clock, status: status)
        ).respond(to: Request(method: method, path: .encoded(path), query: query))
    }

    /// The lines of the text as keys and values.
    private func lines(_ response: Response) -> [String: String] {
        let pairs = response.text.split(separator: "\n").compactMap { line -> (String, String)? in
            guard let colon = line.ranges(of: ": ").first else { return nil }
            return (String(line[..<colon.lowerBound]), String(line[colon.upperBound...].drop { $0 == " " }))
        }
        return Dictionary(pairs) { first, _ in first }
    }

    @Test func silentAppsAreCountedByCauseOnceARoundWasCompleted() {
        let sources = StatusSources(metrics: fleet, queues: [fleet], silence: fleet, version: "1.2")
        #expect(!respond(sources: sources).text.contains("silent"))
        #expect(!respond("openmetrics", sources: sources).text.contains("silent"))

        fleet.silent = ["disabled": 2, "unknown": 1]

        #expect(lines(respond(sources: sources))["silent apps"] == "3")
        let metrics = respond("openmetrics", sources: sources).text
        #expect(metrics.contains("# TYPE hookline_silent_apps gauge\n"))
        #expect(metrics.contains("hookline_silent_apps{cause=\"disabled\"} 2\n"))
        #expect(metrics.contains("hookline_silent_apps{cause=\"unknown\"} 1\n"))
        #expect(metrics.contains("hookline_silent_apps{cause=\"not-subscribed\"} 0\n"))
        let json = respond("json", sources: sources).json?["silent_apps"]
        #expect(json?["disabled"].integer == 2)
        #expect(json?["missing-secret"].integer == 0)
    }

    @Test func asTextItHasALineForEachFact() {
        let response = respond()
        let lines = lines(response)

        #expect(response.status == 200)
        #expect(response.header("Content-Type") == "text/plain; charset=utf-8")
        #expect(response.header("Cache-Control") == "no-store")
        #expect(
            lines.filter { $0.key.hasPrefix("queue") } == [
                "queue events waiting": "5", "queue events pending": "6", "queue events scheduled": "7",
                "queue events dead": "8", "queue events discarded": "9", "queue events oldest due seconds": "1",
            ])
        #expect(lines["version"] == "1.2")
        #expect(lines["start time"] == "20/Jul/2023:11:00:00 +0000")
        #expect(lines["start since"] == "3600")
        #expect(lines["redis"] == "reachable")
        #expect(lines["workers"] == "2")
        #expect(
            lines["worker host:1"]
                == "version 9.9, policy standard, start time 2023-07-20T11:59:00Z, in flight 4, seen 2 s ago")
        #expect(lines["worker host:2"]?.hasPrefix("version 9.9, start time") == true)
        #expect(lines["http response"] == "9")
        #expect(lines["http response status=200 integration=sample webhook_event=issue.created"] == "7")
        #expect(lines["retries"] == "3")
        #expect(lines["apps disabled"] == "0")
        #expect(lines["delivery duration count"] == "4")
        // A slug cannot make a line of its own.
        #expect(
            lines["http response status=timeout integration=quo\"te\\back?line webhook_event=issue.created"] == "2")
    }

    @Test func asJSONItSaysTheSame() {
        let response = respond("json")
        let json = response.json ?? .null

        #expect(response.header("Content-Type") == "application/json")
        #expect(json["redis"].string == "reachable")
        #expect(json["start since"].integer == 3600)
        #expect(json["workers"].elements.map { $0["in_flight"].integer } == [4, 1])
        #expect(json["workers"].elements.first?["last_seen"].string == "2023-07-20T11:59:58.500000Z")
        #expect(json["queues"].elements.first?["scheduled"].integer == 7)
        #expect(json["queues"].elements.first?["discarded"].integer == 9)
        let timeout = json["counters"].elements.first { $0["tags"]["status"].string == "timeout" }
        #expect(timeout?["tags"]["integration"].string == "quo\"te\\back\nline")
        #expect(timeout?["count"].integer == 2)
        let disabled = json["counters"].elements.first { $0["name"].string == "apps_disabled" }
        #expect(disabled?["count"].integer == 0)
        let duration = json["latencies"].elements.first { $0["name"].string == "duration" }
        #expect(duration?["sum_milliseconds"].integer == 31_973)
        #expect(duration?["buckets"].elements.map { $0["count"].integer } == [1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 4])
        #expect(duration?["buckets"].elements.last?["milliseconds"].isNull == true)
    }

    @Test(arguments: ["openmetrics", "openmetrics=", "json&openmetrics=1"])
    func asOpenMetricsItSatisfiesAStrictParser(_ query: String) throws {
        let response = respond(query)
        let samples = try OpenMetricsSamples(parsing: response.text)

        #expect(
            response.header("Content-Type") == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(response.text.hasSuffix("\n# EOF\n"))
        for (name, value) in [
            #"integration_platform_http_response_total{integration="sample",status="200",webhook_event="issue.created"}"#:
                7.0,
            "integration_platform_http_response_total{integration=\"quo\"te\\back\nline\",status=\"timeout\","
                + "webhook_event=\"issue.created\"}": 2,
            #"resource_change_processed_total{change_event="issue.created"}"#: 11,
            "hookline_retries_total": 3, "hookline_dead_letters_total": 0, "hookline_apps_disabled_total": 0,
            #"hookline_delivery_duration_seconds_bucket{le="0.005"}"#: 1,
            #"hookline_delivery_duration_seconds_bucket{le="1.0"}"#: 3,
            #"hookline_delivery_duration_seconds_bucket{le="30.0"}"#: 3,
            #"hookline_delivery_duration_seconds_bucket{le="+Inf"}"#: 4,
            "hookline_delivery_duration_seconds_count": 4, "hookline_delivery_duration_seconds_sum": 31.973,
            "hookline_delivery_delay_seconds_count": 0,
            #"hookline_queue_entries{queue="events",state="waiting"}"#: 5,
            #"hookline_queue_entries{queue="events",state="pending"}"#: 6,
            #"hookline_queue_entries{queue="events",state="scheduled"}"#: 7,
            #"hookline_queue_entries{queue="events",state="dead"}"#: 8,
            #"hookline_queue_oldest_due_seconds{queue="events"}"#: 1.5,
            #"hookline_queue_discarded_total{queue="events"}"#: 9, "hookline_workers": 2,
            "hookline_deliveries_in_flight": 5, "hookline_redis_up": 1,
            #"hookline_responder_build_info{version="1.2"}"#: 1,
            "hookline_responder_start_time_seconds": 1_689_850_800.5,
        ] {
            #expect(samples.values[name] == value, "\(name)")
        }
        #expect(samples.types["integration_platform_http_response"] == "counter")
        #expect(samples.types["hookline_delivery_delay_seconds"] == "histogram")
        #expect(samples.types["hookline_queue_entries"] == "gauge")
    }

    @Test func aRedisThatRefusesIsNotCalledUnreachable() {
        fleet.failure = .refused(key: nil, message: "NOPERM this user has no permissions")

        #expect(lines(respond())["redis"] == "refusing")
        #expect(respond("json").json?["redis"].string == "refusing")
    }

    @Test func withoutRedisItSaysSoAndAsksOnce() throws {
        fleet.failure = .unreachable(server: "127.0.0.1:6379", reason: "Connection refused")

        let text = lines(respond())
        let questions = fleet.questions
        let json = respond("json")
        let samples = try OpenMetricsSamples(parsing: respond("openmetrics").text)

        #expect(questions == 1)
        #expect(text["redis"] == "unreachable")
        #expect(text["redis error"] == "cannot reach Redis at 127.0.0.1:6379: Connection refused")
        #expect(text["version"] == "1.2")
        #expect(text["workers"] == nil)
        #expect(json.status == 200)
        #expect(json.json?["redis"].string == "unreachable")
        #expect(json.json?["counters"].isNull == true)
        #expect(
            samples.values.keys.sorted() == [
                "hookline_redis_up", #"hookline_responder_build_info{version="1.2"}"#,
                "hookline_responder_start_time_seconds",
            ])
        #expect(samples.values["hookline_redis_up"] == 0)
    }

    @Test func itIsReadOnly() {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "get"] {
            let response = respond(method: method)

            #expect(response.status == 405, "\(method)")
            #expect(response.header("Allow") == "GET, HEAD")
            #expect(response.header("Cache-Control") == "no-store")
            #expect(response.body.isEmpty)
        }
        #expect(fleet.questions == 0)
        let head = respond("openmetrics", method: "HEAD")
        #expect(head.omitsBody)
        #expect(head.body == respond("openmetrics").body)
    }

    @Test func onlyItsOwnPathIsAnswered() {
        for path in ["/-/status/", "/-/statu", "/-/status2", "/status"] {
            #expect(respond(path: path).status == 404, "\(path)")
        }
        let many = respond(String(repeating: "a&", count: 1001))
        #expect(many.status == 400)
    }

    @Test func withoutFleetSourcesThePageShowsOnlyTheProcess() throws {
        let sources = StatusSources(version: "1.2")

        let samples = try OpenMetricsSamples(parsing: respond("openmetrics", sources: sources).text)

        #expect(samples.values == [#"hookline_responder_build_info{version="1.2"}"#: 1])
        #expect(lines(respond(sources: sources)) == ["version": "1.2"])
        #expect(respond("json", sources: sources).json?["redis"].isNull == true)
    }
}
