import Buffer
import Handlers
import Model
import TestSupport
import Testing

/// What the status page says of its own process.
@Suite
struct StatusProcessTests {
    private let fixture = HandlersFixture()

    private static let process: ProcessStatus = {
        var process = ProcessStatus(pool: "hookline-1", manager: .static)
        var idle = ThreadStatus(startedAt: HandlersFixture.now.adding(seconds: -90))
        idle.threadID = 71
        idle.requestCount = 40
        idle.requestMicroseconds = 12_050
        idle.method = "GET"
        idle.path = "/api/0/line\nbreak: 1"
        idle.user = "ann"
        idle.lastPhases.redis = 12_000
        idle.lastPhases.write = 50
        var busy = ThreadStatus(startedAt: HandlersFixture.now)
        busy.state = .running
        busy.requestCount = 2
        busy.contentLength = 17
        process.threads = [idle, busy, ThreadStatus(startedAt: HandlersFixture.now)]
        process.maximumActiveThreads = 3
        process.exhaustionCount = 5
        process.listenQueue = .init(waiting: 6, maximumWaiting: 7, capacity: 511)
        process.memory = .init(resident: 1 << 20, peak: 2 << 20)
        process.slowRequestCount = 8
        process.skippedElementCount = 9
        for (status, microseconds) in [(200, 200), (200, 250), (503, 2_000_000), (200, 60_000_000)] {
            process.requests.record(
                .init(route: .refused, method: .get, status: status), microseconds: Int64(microseconds))
        }
        return process
    }()

    private func respond(_ query: String, _ process: ProcessStatus = process) -> Response {
        var cache = ResponseCacheCounts()
        cache.hits = 10
        cache.misses = 11
        cache.invalidations = 12
        cache.evictions = 13
        cache.entries = 14
        cache.bytes = 15
        cache.isTracking = true
        let counts = cache
        let status = StatusSources(
            version: "1.2", startedAt: HandlersFixture.now.adding(seconds: -3600), responseCache: { counts },
            process: { process })
        return Service(
            dependencies: Dependencies(
                directory: fixture.directory, requestLog: fixture.log, interactions: fixture.interactions,
                queue: MemoryEventQueue(), payloads: MemoryPayloads(), clock: fixture.clock, status: status)
        ).respond(to: Request(method: "GET", path: .encoded("/-/status"), query: query))
    }

    @Test func inTextItBeginsLikePHPFPMsPage() {
        let text = respond("").text

        let squeezed = text.split(separator: "\n").map { line in
            line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        #expect(
            squeezed.prefix(16) == [
                "pool: hookline-1", "process manager: static", "start time: 20/Jul/2023:11:00:00 +0000",
                "start since: 3600", "accepted conn: 42", "listen queue: 6", "max listen queue: 7",
                "listen queue len: 511", "idle processes: 2", "active processes: 1", "total processes: 3",
                "max active processes: 3", "max children reached: 5", "slow requests: 8", "memory peak: 2097152",
                "memory: 1048576",
            ])
        #expect(squeezed.contains("requests route=refused method=GET status=200: 3"))
        #expect(squeezed.contains("request duration route=refused mean microseconds: 15500112"))
        #expect(squeezed.contains("redis errors timed out: 0"))
        #expect(squeezed.contains("log entries skipped: 9"))
        #expect(squeezed.contains("answer cache hits: 10"))
        #expect(squeezed.contains("answer cache tracking: on"))
        #expect(!text.contains("****"))
    }

    @Test func withFullEachThreadIsABlockOfItsOwn() throws {
        let blocks = respond("full").text.ranges(of: "\n************************\n")
        let text = respond("full").text
        try #require(blocks.count == 3)
        let first = text[blocks[0].upperBound..<blocks[1].lowerBound].split(separator: "\n").map { line in
            line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }

        #expect(
            first.prefix(11) == [
                "pid: 71", "state: Idle", "start time: 20/Jul/2023:11:58:30 +0000", "start since: 90", "requests: 40",
                "request duration: 12050", "request method: GET", "request URI: /api/0/line?break: 1",
                "content length: 0", "user: ann", "last request total: 12050",
            ])
        #expect(first.contains("last request redis: 12000"))
        #expect(text[blocks[1].upperBound...].contains(#/state: +Running\n/#))
        #expect(text[blocks[2].upperBound...].contains(#/request URI: +-\n/#))
    }

    @Test func asJSONItHasPHPFPMsMembers() throws {
        let short = try #require(respond("json").json)
        let full = try #require(respond("full&json").json)

        for (name, value) in [
            "start time": 1_689_850_800, "start since": 3600, "accepted conn": 42, "listen queue": 6,
            "max listen queue": 7, "listen queue len": 511, "idle processes": 2, "active processes": 1,
            "total processes": 3, "max active processes": 3, "max children reached": 5, "slow requests": 8,
            "memory peak": 2_097_152, "memory": 1_048_576, "log_entries_skipped": 9,
        ] {
            #expect(short[name].integer == Int64(value), "\(name)")
        }
        #expect(short["pool"].string == "hookline-1")
        #expect(short["process manager"].string == "static")
        #expect(short["processes"].isNull)
        #expect(short["answer_cache"]["evictions"].integer == 13)
        let requests = short["requests"].elements.map { [$0["status"].integer, $0["count"].integer] }
        #expect(requests == [[200, 3], [503, 1]])
        let durations = try #require(short["request_durations"].elements.first)
        #expect(durations["count"].integer == 4)
        #expect(durations["sum_microseconds"].integer == 62_000_450)
        #expect(durations["buckets"].elements.first?["count"].integer == 2)
        #expect(durations["buckets"].elements.last?["count"].integer == 4)
        #expect(full["processes"].elements.map { $0["state"].string } == ["Idle", "Running", "Idle"])
        #expect(full["processes"].elements.map { $0["pid"].integer } == [71, 0, 0])
        #expect(full["processes"].elements.map { $0["user"].string } == ["ann", "-", "-"])
        #expect(full["processes"].elements.first?["request uri"].string == "/api/0/line\nbreak: 1")
        #expect(full["processes"].elements.first?["last request redis"].integer == 12_000)
    }

    @Test func whatTheSystemDoesNotTellIsLeftOut() throws {
        var process = Self.process
        process.listenQueue = nil
        process.memory = nil

        let text = respond("", process).text
        let json = try #require(respond("json", process).json)
        let samples = try OpenMetricsSamples(parsing: respond("openmetrics", process).text)

        #expect(!text.contains("listen queue") && !text.contains("memory"))
        #expect(json["listen queue"].isNull && json["memory"].isNull)
        #expect(!samples.types.keys.contains { $0.contains("listen") || $0.contains("memory") })
    }

    @Test func asOpenMetricsEachSampleNamesTheResponder() throws {
        let samples = try OpenMetricsSamples(parsing: respond("openmetrics").text)

        let responder = #"responder="hookline-1""#
        for (name, value) in [
            #"hookline_responder_build_info{\#(responder),version="1.2"}"#: 1.0,
            "hookline_responder_start_time_seconds{\(responder)}": 1_689_850_800.5,
            #"hookline_responder_threads{\#(responder),state="idle"}"#: 2,
            #"hookline_responder_threads{\#(responder),state="active"}"#: 1,
            "hookline_responder_max_active_threads{\(responder)}": 3,
            "hookline_responder_threads_exhausted_total{\(responder)}": 5,
            "hookline_responder_listen_queue{\(responder)}": 6,
            "hookline_responder_max_listen_queue{\(responder)}": 7,
            "hookline_responder_listen_queue_limit{\(responder)}": 511,
            "hookline_responder_resident_memory_bytes{\(responder)}": 1_048_576,
            "hookline_responder_peak_memory_bytes{\(responder)}": 2_097_152,
            "hookline_responder_accepted_requests_total{\(responder)}": 42,
            "hookline_responder_slow_requests_total{\(responder)}": 8,
            #"hookline_responder_requests_total{method="GET",\#(responder),route="refused",status="200"}"#: 3,
            #"hookline_responder_requests_total{method="GET",\#(responder),route="refused",status="503"}"#: 1,
            #"hookline_responder_request_duration_seconds_bucket{le="0.00025",\#(responder),route="refused"}"#: 2,
            #"hookline_responder_request_duration_seconds_bucket{le="2.5",\#(responder),route="refused"}"#: 3,
            #"hookline_responder_request_duration_seconds_bucket{le="+Inf",\#(responder),route="refused"}"#: 4,
            #"hookline_responder_request_duration_seconds_count{\#(responder),route="refused"}"#: 4,
            #"hookline_responder_request_duration_seconds_sum{\#(responder),route="refused"}"#: 62.00045,
            #"hookline_responder_redis_errors_total{kind="timed_out",\#(responder)}"#: 0,
            "hookline_responder_redis_reconnects_total{\(responder)}": 0,
            "hookline_responder_log_entries_skipped_total{\(responder)}": 9,
            #"hookline_responder_answer_cache_requests_total{\#(responder),result="hit"}"#: 10,
            #"hookline_responder_answer_cache_requests_total{\#(responder),result="miss"}"#: 11,
            "hookline_responder_answer_cache_invalidations_total{\(responder)}": 12,
            "hookline_responder_answer_cache_evictions_total{\(responder)}": 13,
            "hookline_responder_answer_cache_entries{\(responder)}": 14,
            "hookline_responder_answer_cache_bytes{\(responder)}": 15,
            "hookline_responder_answer_cache_tracking{\(responder)}": 1,
        ] {
            #expect(samples.values[name] == value, "\(name)")
        }
        #expect(samples.types["hookline_responder_request_duration_seconds"] == "histogram")
        #expect(samples.types["hookline_responder_requests"] == "counter")
    }
}
