import Buffer
import Redis

extension StatusReport {
    typealias Label = (name: String, value: String)

    /// What this process says of itself. Each sample names the responder: behind one address there are several, and any
    /// of them may answer.
    func append(_ process: ProcessStatus, to writer: inout OpenMetricsWriter) {
        let responder = [(name: "responder", value: process.pool)]
        appendThreads(process, responder, to: &writer)
        appendRequests(process, responder, to: &writer)
        appendRedis(process, responder, to: &writer)
    }

    private func appendThreads(_ process: ProcessStatus, _ labels: [Label], to writer: inout OpenMetricsWriter) {
        writer.family("hookline_responder_threads", .gauge, help: "Threads by what they do.")
        let states = [("idle", process.idleThreadCount), ("active", process.activeThreadCount)]
        for (state, count) in states {
            writer.sample("hookline_responder_threads", labels + [("state", state)], String(count))
        }
        writer.gauge(
            "hookline_responder_max_active_threads", labels, Int64(process.maximumActiveThreads),
            help: "The most threads that were active at the same time.")
        writer.counter(
            "hookline_responder_threads_exhausted", labels, process.exhaustionCount,
            help: "How often the last idle thread was taken.")
        if let queue = process.listenQueue {
            writer.gauge(
                "hookline_responder_listen_queue", labels, Int64(queue.waiting),
                help: "Connections that wait to be accepted.")
            writer.gauge(
                "hookline_responder_max_listen_queue", labels, Int64(queue.maximumWaiting),
                help: "The most connections that were seen waiting.")
            writer.gauge(
                "hookline_responder_listen_queue_limit", labels, Int64(queue.capacity),
                help: "How many connections may wait.")
        }
        guard let memory = process.memory else { return }
        writer.gauge(
            "hookline_responder_resident_memory_bytes", labels, memory.resident, unit: "bytes",
            help: "Memory of the process.")
        writer.gauge(
            "hookline_responder_peak_memory_bytes", labels, memory.peak, unit: "bytes",
            help: "The most memory the process had.")
    }

    private func appendRequests(_ process: ProcessStatus, _ labels: [Label], to writer: inout OpenMetricsWriter) {
        writer.counter(
            "hookline_responder_accepted_requests", labels, process.acceptedCount,
            help: "Requests begun, those under way included.")
        writer.counter(
            "hookline_responder_slow_requests", labels, process.slowRequestCount,
            help: "Requests that took longer than the threshold of the slow log.")
        let name = "hookline_responder_requests"
        writer.family(name, .counter, help: "Requests answered.")
        for (key, count) in process.requests.counts.sorted(by: { $0.key < $1.key }) {
            let key = [("route", key.route.text), ("method", key.method.text), ("status", String(key.status))]
            writer.sample(name + "_total", labels + key, String(count))
        }
        writer.family(
            "hookline_responder_request_duration_seconds", .histogram, unit: "seconds",
            help: "From a request's first byte to the answer's last.")
        for route in RouteLabel.all {
            append(process.requests.durations(of: route), labels + [("route", route.text)], to: &writer)
        }
    }

    private func append(_ durations: RequestDurations, _ labels: [Label], to writer: inout OpenMetricsWriter) {
        guard durations.count > 0 else { return }
        let name = "hookline_responder_request_duration_seconds"
        let bounds = RequestDurations.bounds.map { decimalSeconds(microseconds: $0) } + ["+Inf"]
        for (bound, count) in zip(bounds, durations.cumulativeCounts) {
            writer.sample(name + "_bucket", labels + [("le", bound)], String(count))
        }
        writer.sample(name + "_count", labels, String(durations.count))
        writer.sample(name + "_sum", labels, decimalSeconds(microseconds: durations.sumMicroseconds))
    }

    private func appendRedis(_ process: ProcessStatus, _ labels: [Label], to writer: inout OpenMetricsWriter) {
        let name = "hookline_responder_redis_errors"
        writer.family(name, .counter, help: "Calls to Redis that failed.")
        for (kind, count) in process.redis.errors {
            writer.sample(name + "_total", labels + [("kind", kind)], String(count))
        }
        writer.counter(
            "hookline_responder_redis_reconnects", labels, process.redis.reconnects,
            help: "Connections to Redis made anew.")
        writer.counter(
            "hookline_responder_log_entries_skipped", labels, process.skippedElementCount,
            help: "Stored log elements left out of answers because they are unreadable.")
    }

    func append(_ cache: ResponseCacheCounts, _ labels: [Label], to writer: inout OpenMetricsWriter) {
        let name = "hookline_responder_answer_cache_requests"
        writer.family(name, .counter, help: "Requests that the cache of answers was asked for.")
        for (result, count) in [("hit", cache.hits), ("miss", cache.misses)] {
            writer.sample(name + "_total", labels + [("result", result)], String(count))
        }
        writer.counter(
            "hookline_responder_answer_cache_invalidations", labels, Int64(cache.invalidations),
            help: "Answers dropped because what they were made of has changed.")
        writer.counter(
            "hookline_responder_answer_cache_evictions", labels, Int64(cache.evictions),
            help: "Answers dropped to make room.")
        writer.gauge(
            "hookline_responder_answer_cache_entries", labels, Int64(cache.entries), help: "Answers held.")
        writer.gauge(
            "hookline_responder_answer_cache_bytes", labels, Int64(cache.bytes), unit: "bytes",
            help: "Memory of the answers held.")
        writer.gauge(
            "hookline_responder_answer_cache_tracking", labels, cache.isTracking ? 1 : 0,
            help: "Whether Redis tells of changes; nothing is answered from memory otherwise.")
    }
}

extension OpenMetricsWriter {
    /// A family with one sample.
    fileprivate mutating func gauge(
        _ name: String, _ labels: [StatusReport.Label], _ value: Int64, unit: String? = nil, help: String
    ) {
        family(name, .gauge, unit: unit, help: help)
        sample(name, labels, String(value))
    }

    /// A family with one sample, whose name ends in `_total`.
    fileprivate mutating func counter(
        _ name: String, _ labels: [StatusReport.Label], _ value: Int64, help: String
    ) {
        family(name, .counter, help: help)
        sample(name + "_total", labels, String(value))
    }
}
