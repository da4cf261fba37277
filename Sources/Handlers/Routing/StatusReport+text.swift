import Buffer
import Model
import Queue
import Redis

extension StatusReport {
    /// One `key: value` a line, the values in one column as far as the keys are short.
    var text: [UInt8] {
        var lines: [(key: String, value: String)] = []
        if let process { lines += [("pool", process.pool), ("process manager", process.manager.rawValue)] }
        if let startedAt { lines.append(("start time", startedAt.commonLogDescription)) }
        if let uptimeSeconds { lines.append(("start since", String(uptimeSeconds))) }
        if let process { lines += StatusReport.lines(of: process) }
        if !version.isEmpty { lines.append(("version", version)) }
        if let process { lines += StatusReport.countLines(of: process) }
        if let answerCache { lines += StatusReport.lines(of: answerCache) }
        if let fleet {
            lines.append(("redis", "reachable"))
            lines += fleetLines(fleet)
        } else if let failure {
            lines.append(("redis", "unreachable"))
            lines.append(("redis error", failure.description))
        }
        let threads = isFull ? process?.threads ?? [] : []
        return Array((lines.map(StatusReport.line) + threads.map(text)).joined().utf8)
    }

    private func fleetLines(_ fleet: Fleet) -> [(key: String, value: String)] {
        var lines = [("workers", String(fleet.workers.count))]
        for worker in fleet.workers {
            let start = worker.startedAt.truncatedToSeconds.iso8601Description
            let seen = max(0, now.microseconds - worker.lastSeenAt.microseconds) / 1_000_000
            lines.append(
                (
                    "worker \(worker.consumer)",
                    "version \(worker.version), start time \(start), in flight \(worker.inFlight), seen \(seen) s ago"
                ))
        }
        for queue in fleet.queues {
            lines += queue.states.map { ("queue \(queue.name) \($0.name)", String($0.count)) }
            lines.append(("queue \(queue.name) oldest due seconds", String(queue.oldestDueMicroseconds / 1_000_000)))
            lines.append(("queue \(queue.name) discarded", String(queue.statistics.discarded)))
        }
        return lines + countLines(fleet.counts)
    }

    private func countLines(_ counts: MetricCounts) -> [(key: String, value: String)] {
        var lines = DeliveryCounter.allCases.map { counter in
            (counter.rawValue.replacing("_", with: " "), String(counts.total(of: counter)))
        }
        for latency in DeliveryLatency.allCases {
            let times = counts.latencies[latency] ?? LatencyCounts(latency)
            let mean = times.count > 0 ? times.sumMilliseconds / times.count : 0
            lines.append(("delivery \(latency.rawValue) count", String(times.count)))
            lines.append(("delivery \(latency.rawValue) mean milliseconds", String(mean)))
        }
        for (series, count) in counts.counters.sorted(by: { $0.key < $1.key }) where !series.tags.isEmpty {
            let tags = zip(series.counter.tagNames, series.tags).map { "\($0)=\($1)" }
            lines.append(
                ("\(series.counter.rawValue.replacing("_", with: " ")) \(tags.joined(separator: " "))", String(count)))
        }
        return lines
    }

    /// Control characters would make lines of their own.
    static func line(_ key: String, _ value: String) -> String {
        let key = printable(key) + ":"
        let padding = String(repeating: " ", count: max(1, 36 - key.unicodeScalars.count))
        return key + padding + printable(value) + "\n"
    }

    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = ""
        for scalar in text.unicodeScalars { result.unicodeScalars.append(isControl(scalar) ? "?" : scalar) }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar == "\u{2028}" || scalar == "\u{2029}"
    }
}

extension String {
    fileprivate func replacing(_ old: Character, with new: Character) -> String {
        String(map { $0 == old ? new : $0 })
    }
}
