import Buffer
import Model
import Queue
import Redis
import WireJSON

extension StatusReport {
    /// One object; without Redis it has no `workers`, `queues`, `counters` and `latencies`.
    var json: [UInt8] {
        var members: [(String, JSONValue)] = []
        if let process {
            members += [("pool", .string(process.pool)), ("process manager", .string(process.manager.rawValue))]
        }
        if let startedAt { members.append(("start time", StatusReport.number(startedAt.seconds))) }
        if let uptimeSeconds { members.append(("start since", StatusReport.number(uptimeSeconds))) }
        if let process { members += StatusReport.members(of: process) }
        if isFull, let process { members.append(("processes", .array(process.threads.map(value)))) }
        if let answerCache { members.append(("answer_cache", StatusReport.value(answerCache))) }
        members.append(("version", .string(version)))
        if let failure {
            members += [("redis", .string("unreachable")), ("redis_error", .string(failure.description))]
        }
        if let fleet {
            members += [
                ("redis", .string("reachable")),
                ("workers", .array(fleet.workers.map(StatusReport.value))),
                ("queues", .array(fleet.queues.map(StatusReport.value))),
                ("counters", .array(StatusReport.values(of: fleet.counts))),
                ("latencies", .array(DeliveryLatency.allCases.map { StatusReport.value($0, fleet.counts) })),
            ]
        }
        return StatusReport.object(members).serialized(escaping: .unicode)
    }

    private static func value(_ worker: WorkerReport) -> JSONValue {
        object([
            ("consumer", .string(worker.consumer)), ("version", .string(worker.version)),
            ("start_time", time(worker.startedAt)), ("last_seen", time(worker.lastSeenAt)),
            ("in_flight", .number(String(worker.inFlight))),
        ])
    }

    private static func value(_ queue: Queue) -> JSONValue {
        object(
            [("name", .string(queue.name))] + queue.states.map { ($0.name, .number(String($0.count))) } + [
                ("discarded", .number(String(queue.statistics.discarded))),
                ("oldest_due_seconds", .number(decimalSeconds(microseconds: queue.oldestDueMicroseconds))),
                ("next_due_time", time(queue.statistics.nextDueAt)),
            ])
    }

    private static func values(of counts: MetricCounts) -> [JSONValue] {
        let plain = DeliveryCounter.allCases.filter { $0.tagNames.isEmpty }.map { MetricSeries($0) }
        let series = Set(counts.counters.keys).union(plain).sorted()
        return series.map { series in
            let tags = zip(series.counter.tagNames, series.tags).map { ($0, JSONValue.string($1)) }
            return object([
                ("name", .string(series.counter.rawValue)), ("tags", object(tags)),
                ("count", .number(String(counts.counters[series] ?? 0))),
            ])
        }
    }

    /// The buckets are cumulative, as in OpenMetrics; the last one has no bound.
    private static func value(_ latency: DeliveryLatency, _ counts: MetricCounts) -> JSONValue {
        let times = counts.latencies[latency] ?? LatencyCounts(latency)
        let bounds: [JSONValue] = latency.bounds.map { .number(String($0)) } + [.null]
        let buckets = zip(bounds, times.cumulativeCounts).map { bound, count in
            object([("milliseconds", bound), ("count", .number(String(count)))])
        }
        return object([
            ("name", .string(latency.rawValue)), ("count", .number(String(times.count))),
            ("sum_milliseconds", .number(String(times.sumMilliseconds))), ("buckets", .array(buckets)),
        ])
    }

    private static func time(_ time: Timestamp?) -> JSONValue { time.map { .string($0.iso8601Description) } ?? .null }

    static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(members.map { JSONValue.Member(name: $0.0, value: $0.1) })
    }
}
