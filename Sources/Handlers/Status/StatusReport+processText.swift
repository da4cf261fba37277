import Buffer
import Model
import Redis

extension StatusReport {
    typealias Line = (key: String, value: String)

    /// php-fpm's lines behind `start since`, in its order; what the system does not tell is left out.
    static func lines(of process: ProcessStatus) -> [Line] {
        var lines: [Line] = [("accepted conn", String(process.acceptedCount))]
        if let queue = process.listenQueue {
            lines += [
                ("listen queue", String(queue.waiting)), ("max listen queue", String(queue.maximumWaiting)),
                ("listen queue len", String(queue.capacity)),
            ]
        }
        lines += [
            ("idle processes", String(process.idleThreadCount)),
            ("active processes", String(process.activeThreadCount)), ("total processes", String(process.threads.count)),
            ("max active processes", String(process.maximumActiveThreads)),
            ("max children reached", String(process.exhaustionCount)),
            ("slow requests", String(process.slowRequestCount)),
        ]
        if let memory = process.memory {
            lines += [("memory peak", String(memory.peak)), ("memory", String(memory.resident))]
        }
        return lines
    }

    /// What php-fpm's page does not have.
    static func countLines(of process: ProcessStatus) -> [Line] {
        var lines = process.redis.errors.map { kind, count in
            ("redis errors \(kind.split(separator: "_").joined(separator: " "))", String(count))
        }
        lines.append(("redis reconnects", String(process.redis.reconnects)))
        lines.append(("log entries skipped", String(process.skippedElementCount)))
        for (key, count) in process.requests.counts.sorted(by: { $0.key < $1.key }) {
            lines.append(
                ("requests route=\(key.route.text) method=\(key.method.text) status=\(key.status)", String(count)))
        }
        for route in RouteLabel.all {
            let durations = process.requests.durations(of: route)
            guard durations.count > 0 else { continue }
            let mean = durations.sumMicroseconds / durations.count
            lines.append(("request duration route=\(route.text) mean microseconds", String(mean)))
        }
        return lines
    }

    static func lines(of cache: ResponseCacheCounts) -> [Line] {
        [
            ("answer cache hits", String(cache.hits)), ("answer cache misses", String(cache.misses)),
            ("answer cache invalidations", String(cache.invalidations)),
            ("answer cache evictions", String(cache.evictions)), ("answer cache entries", String(cache.entries)),
            ("answer cache bytes", String(cache.bytes)),
            ("answer cache tracking", cache.isTracking ? "on" : "off"),
        ]
    }

    /// One thread as php-fpm shows a process.
    func text(of thread: ThreadStatus) -> String {
        var lines: [Line] = [
            ("pid", String(thread.threadID)), ("state", thread.state.rawValue),
            ("start time", thread.startedAt.commonLogDescription), ("start since", String(age(of: thread))),
            ("requests", String(thread.requestCount)), ("request duration", String(thread.requestMicroseconds)),
            ("request method", thread.method.isEmpty ? "-" : thread.method),
            ("request URI", thread.path.isEmpty ? "-" : thread.path),
            ("content length", String(thread.contentLength)), ("user", thread.user ?? "-"),
            ("last request total", String(thread.lastPhases.total)),
        ]
        lines += thread.lastPhases.named.map { ("last request \($0.name)", String($0.microseconds)) }
        return "\n************************\n" + lines.map(StatusReport.line).joined()
    }

    /// Seconds since the thread started.
    func age(of thread: ThreadStatus) -> Int64 {
        max(0, now.microseconds - thread.startedAt.microseconds) / 1_000_000
    }
}
