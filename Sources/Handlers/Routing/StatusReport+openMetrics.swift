import Buffer
import Model
import Queue

extension StatusReport {
    /// The exposition format of OpenMetrics 1.0. Without Redis `hookline_redis_up` is 0 and what stands there is left out.
    var openMetrics: [UInt8] {
        var writer = OpenMetricsWriter()
        writer.family("hookline_responder_build", .info, help: "The release of the responder that answers.")
        let responder = process.map { [(name: "responder", value: $0.pool)] } ?? []
        writer.sample("hookline_responder_build_info", responder + [("version", version)], "1")
        if let startedAt {
            writer.family(
                "hookline_responder_start_time_seconds", .gauge, unit: "seconds",
                help: "When the responder that answers was started.")
            writer.sample(
                "hookline_responder_start_time_seconds", responder,
                decimalSeconds(microseconds: startedAt.microseconds))
        }
        if let process { append(process, to: &writer) }
        if let answerCache { append(answerCache, responder, to: &writer) }
        if fleet != nil || failure != nil {
            writer.family("hookline_redis_up", .gauge, help: "Whether Redis answered.")
            writer.sample("hookline_redis_up", [], fleet == nil ? "0" : "1")
        }
        if let fleet {
            append(fleet.counts, to: &writer)
            append(fleet.queues, to: &writer)
            writer.family("hookline_workers", .gauge, help: "Workers that are alive.")
            writer.sample("hookline_workers", [], String(fleet.workers.count))
            writer.family("hookline_deliveries_in_flight", .gauge, help: "Attempts under way, all workers together.")
            let inFlight = fleet.workers.reduce(0) { $0.addingReportingOverflow($1.inFlight).partialValue }
            writer.sample("hookline_deliveries_in_flight", [], String(inFlight))
        }
        return writer.finish()
    }

    private func append(_ counts: MetricCounts, to writer: inout OpenMetricsWriter) {
        let series = counts.counters.sorted { $0.key < $1.key }
        for counter in DeliveryCounter.allCases {
            writer.family(counter.family, .counter, help: counter.help)
            for (series, count) in series where series.counter == counter {
                let labels = zip(counter.tagNames, series.tags).map { (name: $0, value: $1) }
                writer.sample(counter.family + "_total", labels, String(count))
            }
            if counter.tagNames.isEmpty, counts.total(of: counter) == 0 {
                writer.sample(counter.family + "_total", [], "0")
            }
        }
        for latency in DeliveryLatency.allCases {
            append(counts.latencies[latency] ?? LatencyCounts(latency), to: &writer)
        }
    }

    private func append(_ times: LatencyCounts, to writer: inout OpenMetricsWriter) {
        let name = "hookline_delivery_\(times.latency.rawValue)_seconds"
        writer.family(name, .histogram, unit: "seconds", help: times.latency.help)
        let bounds = times.latency.bounds.map { decimalSeconds(microseconds: $0 * 1000) } + ["+Inf"]
        for (bound, count) in zip(bounds, times.cumulativeCounts) {
            writer.sample(name + "_bucket", [("le", bound)], String(count))
        }
        writer.sample(name + "_count", [], String(times.count))
        let sum = times.sumMilliseconds.multipliedReportingOverflow(by: 1000)
        writer.sample(name + "_sum", [], decimalSeconds(microseconds: sum.overflow ? .max : sum.partialValue))
    }

    private func append(_ queues: [Queue], to writer: inout OpenMetricsWriter) {
        guard !queues.isEmpty else { return }
        writer.family("hookline_queue_entries", .gauge, help: "Entries of a queue by where they stand.")
        for queue in queues {
            for (state, count) in queue.states {
                writer.sample("hookline_queue_entries", [("queue", queue.name), ("state", state)], String(count))
            }
        }
        writer.family(
            "hookline_queue_oldest_due_seconds", .gauge, unit: "seconds",
            help: "How long the entry that comes first could have been delivered already.")
        for queue in queues {
            writer.sample(
                "hookline_queue_oldest_due_seconds", [("queue", queue.name)],
                decimalSeconds(microseconds: queue.oldestDueMicroseconds))
        }
        writer.family("hookline_queue_discarded", .counter, help: "Dead letters that made way for newer ones.")
        for queue in queues {
            writer.sample(
                "hookline_queue_discarded_total", [("queue", queue.name)], String(max(0, queue.statistics.discarded)))
        }
    }
}

extension DeliveryCounter {
    /// The original's names with underscores where it has them.
    fileprivate var family: String {
        switch self {
        case .responses: "integration_platform_http_response"
        case .processed: "resource_change_processed"
        case .retries: "hookline_retries"
        case .deadLetters: "hookline_dead_letters"
        case .appsDisabled: "hookline_apps_disabled"
        }
    }

    fileprivate var help: String {
        switch self {
        case .responses: "Attempts by their outcome."
        case .processed: "Events that were dealt with, sent or not."
        case .retries: "Deliveries that were scheduled for another attempt."
        case .deadLetters: "Deliveries that were given up and kept."
        case .appsDisabled: "Apps that were disabled because they are broken."
        }
    }
}

extension DeliveryLatency {
    fileprivate var help: String {
        switch self {
        case .duration: "What one attempt took."
        case .delay: "From the acceptance of an event to the end of its first attempt."
        }
    }
}
