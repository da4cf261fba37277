import Model
import Redis
import WireJSON

/// The fields about this process. Their metrics name the responder: one address can have several responders behind it,
/// and any of them may respond.
struct ProcessFields {
    private let process: ProcessStatus
    private let labels: [MetricFamily.Label]

    init(_ process: ProcessStatus) {
        self.process = process
        labels = [(name: "responder", value: process.pool)]
    }

    /// What php-fpm's page shows behind `start since`, in its order. Values that the system does not provide are left
    /// out.
    var inOrderOfPHPFPM: [StatusField] {
        var fields: [StatusField] = [
            .number(
                "accepted conn", process.acceptedCount,
                family: .counter(
                    "hookline_responder_accepted_requests", labels, process.acceptedCount,
                    help: "Requests started, including those in progress."))
        ]
        if let queue = process.listenQueue { fields += listenQueueFields(queue) }
        fields += [
            .family(threadStates),
            .number("idle processes", process.idleThreadCount),
            .number("active processes", process.activeThreadCount),
            .number("total processes", process.threads.count),
            .number(
                "max active processes", process.maximumActiveThreads,
                family: .gauge(
                    "hookline_responder_max_active_threads", labels, process.maximumActiveThreads,
                    help: "Highest number of threads active at the same time.")),
            .number(
                "max children reached", process.exhaustionCount,
                family: .counter(
                    "hookline_responder_threads_exhausted", labels, process.exhaustionCount,
                    help: "How often all threads were active.")),
            .number(
                "slow requests", process.slowRequestCount,
                family: .counter(
                    "hookline_responder_slow_requests", labels, process.slowRequestCount,
                    help: "Requests that reached the threshold of the slow log.")),
        ]
        guard let memory = process.memory else { return fields }
        return fields + [
            .number(
                "memory peak", memory.peak,
                family: .gauge(
                    "hookline_responder_peak_memory_bytes", labels, memory.peak, unit: "bytes",
                    help: "Peak memory of the process.")),
            .number(
                "memory", memory.resident,
                family: .gauge(
                    "hookline_responder_resident_memory_bytes", labels, memory.resident, unit: "bytes",
                    help: "Resident memory of the process.")),
        ]
    }

    private func listenQueueFields(_ queue: ProcessStatus.ListenQueue) -> [StatusField] {
        [
            .number(
                "listen queue", queue.waiting,
                family: .gauge(
                    "hookline_responder_listen_queue", labels, queue.waiting,
                    help: "Connections waiting to be accepted.")),
            .number(
                "max listen queue", queue.maximumWaiting,
                family: .gauge(
                    "hookline_responder_max_listen_queue", labels, queue.maximumWaiting,
                    help: "Highest number of connections seen waiting.")),
            .number(
                "listen queue len", queue.capacity,
                family: .gauge(
                    "hookline_responder_listen_queue_limit", labels, queue.capacity,
                    help: "Maximum number of waiting connections.")),
        ]
    }

    private var threadStates: MetricFamily {
        let states = [("idle", process.idleThreadCount), ("active", process.activeThreadCount)]
        return MetricFamily(
            name: "hookline_responder_threads", kind: .gauge, help: "Threads by state.",
            samples: states.map { .init(labels: labels + [("state", $0)], value: String($1)) })
    }

    /// What php-fpm's page does not have.
    var further: [StatusField] {
        let errors = process.redis.errors
        return errors.map {
            .line("redis errors \($0.kind.split(separator: "_").joined(separator: " "))", "\($0.count)")
        }
            + [
                .member(
                    "redis_errors", .object(of: errors.map { ($0.kind, .number($0.count)) }),
                    family: MetricFamily(
                        name: "hookline_responder_redis_errors", kind: .counter, help: "Failed calls to Redis by kind.",
                        samples: errors.map {
                            .init(suffix: "_total", labels: labels + [("kind", $0.kind)], value: String($0.count))
                        })),
                .number(
                    "redis reconnects", process.redis.reconnects, jsonName: "redis_reconnects",
                    family: .counter(
                        "hookline_responder_redis_reconnects", labels, process.redis.reconnects,
                        help: "Connections to Redis made after the first one.")),
                .number(
                    "log entries skipped", process.skippedElementCount, jsonName: "log_entries_skipped",
                    family: .counter(
                        "hookline_responder_log_entries_skipped", labels, process.skippedElementCount,
                        help: "Invalid stored log entries that were left out of responses.")),
            ] + requestFields + durationFields
    }

    private var requestFields: [StatusField] {
        let counts = process.requests.counts.sorted { $0.key < $1.key }
        let lines = counts.map { key, count in
            StatusField.line(
                "requests route=\(key.route.text) method=\(key.method.text) status=\(key.status)", String(count))
        }
        let values = counts.map { key, count in
            JSONValue.object(of: [
                ("route", .string(key.route.text)), ("method", .string(key.method.text)),
                ("status", .number(key.status)), ("count", .number(count)),
            ])
        }
        let samples = counts.map { key, count in
            let own = [("route", key.route.text), ("method", key.method.text), ("status", String(key.status))]
            return MetricFamily.Sample(suffix: "_total", labels: labels + own, value: String(count))
        }
        return lines + [
            .member(
                "requests", .array(values),
                family: MetricFamily(
                    name: "hookline_responder_requests", kind: .counter, help: "Requests that got a response.",
                    samples: samples))
        ]
    }

    private var durationFields: [StatusField] {
        let routes = RouteLabel.all.map { (label: $0, durations: process.requests.durations(of: $0)) }
            .filter { $0.durations.count > 0 }
        var family = MetricFamily(
            name: "hookline_responder_request_duration_seconds", kind: .histogram, unit: "seconds",
            help: "From the first byte of a request to the last byte of its response.")
        for (label, durations) in routes {
            family.addHistogram(
                labels + [("route", label.text)], bounds: RequestDurations.bounds,
                cumulativeCounts: durations.cumulativeCounts, count: durations.count, sum: durations.sumMicroseconds)
        }
        let lines = routes.map { label, durations in
            StatusField.line(
                "request duration route=\(label.text) mean microseconds",
                String(durations.sumMicroseconds / durations.count))
        }
        let values = routes.map { label, durations in
            JSONValue.object(of: [
                ("route", .string(label.text)), ("count", .number(durations.count)),
                ("sum_microseconds", .number(durations.sumMicroseconds)),
                (
                    "buckets",
                    .buckets("microseconds", bounds: RequestDurations.bounds, counts: durations.cumulativeCounts)
                ),
            ])
        }
        return lines + [.member("request_durations", .array(values), family: family)]
    }

    /// One thread as php-fpm shows a process, and the phases of its last request.
    static func fields(of thread: ThreadStatus, now: Timestamp) -> [StatusField] {
        let path = thread.path.isEmpty ? "-" : thread.path
        return [
            .number("pid", thread.threadID), .string("state", thread.state.rawValue),
            StatusField(
                line: .init(key: "start time", value: thread.startedAt.commonLogDescription),
                member: .init(name: "start time", value: .number(thread.startedAt.seconds))),
            .number("start since", thread.startedAt.wholeSeconds(until: now)),
            .number("requests", thread.requestCount), .number("request duration", thread.requestMicroseconds),
            .string("request method", thread.method.isEmpty ? "-" : thread.method),
            // php-fpm writes the two formats differently.
            StatusField(
                line: .init(key: "request URI", value: path), member: .init(name: "request uri", value: .string(path))),
            .number("content length", thread.contentLength), .string("user", thread.user ?? "-"),
            .number("last request total", thread.lastPhases.total),
        ] + thread.lastPhases.named.map { .number("last request \($0.name)", $0.microseconds) }
    }

    static func fields(of cache: ResponseCacheCounts, labels: [MetricFamily.Label]) -> [StatusField] {
        let prefix = "hookline_responder_answer_cache"
        let numbers: [(name: String, value: Int64, family: MetricFamily?)] = [
            ("hits", Int64(cache.hits), nil), ("misses", Int64(cache.misses), nil),
            (
                "invalidations", Int64(cache.invalidations),
                .counter(
                    prefix + "_invalidations", labels, cache.invalidations,
                    help: "Cached responses dropped because their data changed.")
            ),
            (
                "evictions", Int64(cache.evictions),
                .counter(
                    prefix + "_evictions", labels, cache.evictions, help: "Cached responses dropped to free memory.")
            ),
            (
                "entries", Int64(cache.entries),
                .gauge(prefix + "_entries", labels, cache.entries, help: "Cached responses.")
            ),
            (
                "bytes", Int64(cache.bytes),
                .gauge(prefix + "_bytes", labels, cache.bytes, unit: "bytes", help: "Memory of the cached responses.")
            ),
        ]
        let results = [("hit", cache.hits), ("miss", cache.misses)].map { result, count in
            MetricFamily.Sample(suffix: "_total", labels: labels + [("result", result)], value: String(count))
        }
        return [
            .family(
                MetricFamily(
                    name: prefix + "_requests", kind: .counter, help: "Lookups in the response cache.",
                    samples: results))
        ]
            + numbers.map {
                StatusField(line: .init(key: "answer cache \($0.name)", value: "\($0.value)"), family: $0.family)
            }
            + [
                StatusField(
                    line: .init(key: "answer cache tracking", value: cache.isTracking ? "on" : "off"),
                    family: .gauge(
                        prefix + "_tracking", labels, cache.isTracking ? 1 : 0,
                        help: "Whether Redis reports changes (1 or 0); without that nothing is cached.")),
                .member(
                    "answer_cache",
                    .object(
                        of:
                            numbers.map { ($0.name, .number($0.value)) } + [("tracking", .bool(cache.isTracking))])),
            ]
    }
}

extension JSONValue {
    /// Cumulative buckets of a histogram; the last one has no bound.
    static func buckets(_ unit: String, bounds: [Int64], counts: [Int64]) -> JSONValue {
        .array(
            zip(bounds.map { JSONValue.number($0) } + [.null], counts).map { bound, count in
                .object(of: [(unit, bound), ("count", .number(count))])
            })
    }
}
