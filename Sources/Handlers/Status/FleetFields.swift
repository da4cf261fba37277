import Buffer
import Model
import Queue
import Redis
import WireJSON

/// The fields about the fleet, which are read from Redis: workers, queues, counters and latencies.
struct FleetFields {
    private var counts = MetricCounts()
    private var workers: [WorkerReport] = []
    private var queues: [(name: String, statistics: QueueStatistics)] = []
    /// Nil = unknown.
    private var silentApps: [String: Int64]?
    private let now: Timestamp

    init(_ sources: StatusSources, now: Timestamp) throws(RedisError) {
        self.now = now
        if let metrics = sources.metrics {
            counts = try metrics.counts()
            workers = try metrics.workers()
        }
        silentApps = try sources.silence?.silentApps()
        for queue in sources.queues { queues.append((queue.queueName, try queue.statistics())) }
    }

    var all: [StatusField] {
        workerFields + queueFields + SilenceFields(silentApps).all + counterFields + latencyFields + taggedLines
    }

    // MARK: Workers

    private var workerFields: [StatusField] {
        let inProgress = workers.reduce(0) { $0.addingReportingOverflow($1.inFlight).partialValue }
        return [
            StatusField(
                line: .init(key: "workers", value: String(workers.count)),
                member: .init(name: "workers", value: .array(workers.map(value))),
                family: .gauge("hookline_workers", [], workers.count, help: "Live workers.")),
            .family(
                .gauge(
                    "hookline_deliveries_in_flight", [], inProgress, help: "Attempts in progress, all workers together."
                )),
        ] + workers.map { .line("worker \($0.consumer)", description(of: $0)) }
    }

    private func description(of worker: WorkerReport) -> String {
        let start = worker.startedAt.truncatedToSeconds.iso8601Description
        let seen = worker.lastSeenAt.wholeSeconds(until: now)
        let policy = worker.policy.isEmpty ? "" : " policy \(worker.policy),"
        return
            "version \(worker.version),\(policy) start time \(start), in flight \(worker.inFlight), seen \(seen) s ago"
            + (worker.clockDifference.map { ", clock \($0)" } ?? "")
    }

    private func value(_ worker: WorkerReport) -> JSONValue {
        .object(of: [
            ("consumer", .string(worker.consumer)), ("version", .string(worker.version)),
            ("policy", worker.policy.isEmpty ? .null : .string(worker.policy)),
            ("start_time", .string(worker.startedAt.iso8601Description)),
            ("last_seen", .string(worker.lastSeenAt.iso8601Description)), ("in_flight", .number(worker.inFlight)),
            ("clock_offset_milliseconds", worker.clockOffsetMilliseconds.map { .number(Int($0)) } ?? .null),
        ])
    }

    // MARK: Queues

    /// The states of an entry with their names in all formats.
    private func states(_ statistics: QueueStatistics) -> [(name: String, count: Int)] {
        [
            ("waiting", statistics.waiting), ("pending", statistics.pending), ("scheduled", statistics.scheduled),
            ("dead", statistics.dead),
        ]
    }

    private var queueFields: [StatusField] {
        let lines = queues.flatMap { name, statistics in
            states(statistics).map { StatusField.line("queue \(name) \($0.name)", String($0.count)) } + [
                .line(
                    "queue \(name) oldest due seconds",
                    String(statistics.oldestAgeMicroseconds(at: now) / 1_000_000)),
                .line("queue \(name) discarded", String(statistics.discarded)),
            ]
        }
        return lines + [.member("queues", .array(queues.map { value($0.name, $0.statistics) }))]
            + (queues.isEmpty ? [] : queueFamilies.map { .family($0) })
    }

    private func value(_ name: String, _ statistics: QueueStatistics) -> JSONValue {
        let oldest = decimalSeconds(microseconds: statistics.oldestAgeMicroseconds(at: now))
        return .object(
            of: [("name", .string(name))] + states(statistics).map { ($0.name, .number($0.count)) } + [
                ("discarded", .number(statistics.discarded)), ("oldest_due_seconds", .number(oldest)),
                ("next_due_time", statistics.nextDueAt.map { .string($0.iso8601Description) } ?? .null),
            ])
    }

    private var queueFamilies: [MetricFamily] {
        [
            MetricFamily(
                name: "hookline_queue_entries", kind: .gauge, help: "Queue entries by state.",
                samples: queues.flatMap { name, statistics in
                    states(statistics).map { state, count in
                        .init(labels: [("queue", name), ("state", state)], value: String(count))
                    }
                }),
            MetricFamily(
                name: "hookline_queue_oldest_due_seconds", kind: .gauge, unit: "seconds",
                help: "How long the oldest entry has been due.",
                samples: queues.map { name, statistics in
                    .init(
                        labels: [("queue", name)],
                        value: decimalSeconds(microseconds: statistics.oldestAgeMicroseconds(at: now)))
                }),
            MetricFamily(
                name: "hookline_queue_discarded", kind: .counter,
                help: "Dead letters discarded because the limit was reached.",
                samples: queues.map { name, statistics in
                    .init(suffix: "_total", labels: [("queue", name)], value: String(max(0, statistics.discarded)))
                }),
        ]
    }

    // MARK: Counters and latencies

    private var series: [(key: MetricSeries, value: Int64)] { counts.counters.sorted { $0.key < $1.key } }

    private var counterFields: [StatusField] {
        let untagged = DeliveryCounter.allCases.filter { $0.tagNames.isEmpty }.map { MetricSeries($0) }
        let values = Set(counts.counters.keys).union(untagged).sorted().map { series in
            JSONValue.object(of: [
                ("name", .string(series.counter.rawValue)),
                ("tags", .object(of: tags(series).map { ($0.name, .string($0.value)) })),
                ("count", .number(counts.counters[series] ?? 0)),
            ])
        }
        let lines = DeliveryCounter.allCases.map { counter in
            StatusField(
                line: .init(key: Self.key(counter), value: String(counts.total(of: counter))),
                family: family(of: counter))
        }
        return lines + [.member("counters", .array(values))]
    }

    private func family(of counter: DeliveryCounter) -> MetricFamily {
        var samples = series.filter { $0.key.counter == counter }.map { series, count in
            MetricFamily.Sample(suffix: "_total", labels: tags(series), value: String(count))
        }
        if counter.tagNames.isEmpty, counts.total(of: counter) == 0 {
            samples.append(.init(suffix: "_total", labels: [], value: "0"))
        }
        return MetricFamily(name: counter.family, kind: .counter, help: counter.help, samples: samples)
    }

    private var latencyFields: [StatusField] {
        let latencies = DeliveryLatency.allCases.map { counts.latencies[$0] ?? LatencyCounts($0) }
        let lines = latencies.flatMap { times in
            let mean = times.count > 0 ? times.sumMilliseconds / times.count : 0
            return [
                StatusField(
                    line: .init(key: "delivery \(times.latency.rawValue) count", value: String(times.count)),
                    family: family(of: times)),
                .line("delivery \(times.latency.rawValue) mean milliseconds", String(mean)),
            ]
        }
        let values = latencies.map { times in
            JSONValue.object(of: [
                ("name", .string(times.latency.rawValue)), ("count", .number(times.count)),
                ("sum_milliseconds", .number(times.sumMilliseconds)),
                ("buckets", .buckets("milliseconds", bounds: times.latency.bounds, counts: times.cumulativeCounts)),
            ])
        }
        return lines + [.member("latencies", .array(values))]
    }

    private func family(of times: LatencyCounts) -> MetricFamily {
        var family = MetricFamily(
            name: "hookline_delivery_\(times.latency.rawValue)_seconds", kind: .histogram, unit: "seconds",
            help: times.latency.help)
        let sum = times.sumMilliseconds.multipliedReportingOverflow(by: 1000)
        family.addHistogram(
            [], bounds: times.latency.bounds.map { $0 * 1000 }, cumulativeCounts: times.cumulativeCounts,
            count: times.count, sum: sum.overflow ? .max : sum.partialValue)
        return family
    }

    /// The counters with tags, which the text format shows last.
    private var taggedLines: [StatusField] {
        series.filter { !$0.key.tags.isEmpty }.map { series, count in
            let tags = tags(series).map { "\($0.name)=\($0.value)" }
            return .line("\(Self.key(series.counter)) \(tags.joined(separator: " "))", String(count))
        }
    }

    private func tags(_ series: MetricSeries) -> [MetricFamily.Label] {
        zip(series.counter.tagNames, series.tags).map { (name: $0, value: $1) }
    }

    private static func key(_ counter: DeliveryCounter) -> String {
        String(counter.rawValue.map { $0 == "_" ? " " : $0 })
    }
}

extension DeliveryCounter {
    /// The original's metric name with underscores for dots, where it has the metric.
    fileprivate var family: String {
        switch self {
        case .responses: "integration_platform_http_response"
        case .processed: "resource_change_processed"
        case .retries: "hookline_retries"
        case .deadLetters: "hookline_dead_letters"
        case .appsDisabled: "hookline_apps_disabled"
        case .breakerOpenings: "hookline_breaker_openings"
        }
    }

    fileprivate var help: String {
        switch self {
        case .responses: "Attempts by outcome."
        case .processed: "Processed events, whether or not a webhook was sent."
        case .retries: "Deliveries scheduled for another attempt."
        case .deadLetters: "Deliveries that became dead letters."
        case .appsDisabled: "Apps that were disabled automatically."
        case .breakerOpenings: "Circuit breakers that opened."
        }
    }
}

extension DeliveryLatency {
    fileprivate var help: String {
        switch self {
        case .duration: "Duration of one attempt."
        case .delay: "From accepting an event to the end of its first attempt."
        }
    }
}
