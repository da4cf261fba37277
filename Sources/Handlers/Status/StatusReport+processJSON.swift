import Buffer
import Model
import Redis
import WireJSON

extension StatusReport {
    /// php-fpm's members behind `start since`, by its names and in its order; behind them what is ours.
    static func members(of process: ProcessStatus) -> [(String, JSONValue)] {
        var members = [("accepted conn", number(process.acceptedCount))]
        if let queue = process.listenQueue {
            members += [
                ("listen queue", number(queue.waiting)), ("max listen queue", number(queue.maximumWaiting)),
                ("listen queue len", number(queue.capacity)),
            ]
        }
        members += [
            ("idle processes", number(process.idleThreadCount)),
            ("active processes", number(process.activeThreadCount)),
            ("total processes", number(process.threads.count)),
            ("max active processes", number(process.maximumActiveThreads)),
            ("max children reached", number(process.exhaustionCount)),
            ("slow requests", number(process.slowRequestCount)),
        ]
        if let memory = process.memory {
            members += [("memory peak", number(memory.peak)), ("memory", number(memory.resident))]
        }
        return members + ownMembers(of: process)
    }

    private static func ownMembers(of process: ProcessStatus) -> [(String, JSONValue)] {
        let requests = process.requests.counts.sorted { $0.key < $1.key }.map { key, count in
            object([
                ("route", .string(key.route.text)), ("method", .string(key.method.text)),
                ("status", number(key.status)), ("count", number(count)),
            ])
        }
        let durations = RouteLabel.all.filter { process.requests.durations(of: $0).count > 0 }.map { route in
            value(process.requests.durations(of: route), route: route)
        }
        return [
            ("requests", .array(requests)), ("request_durations", .array(durations)),
            ("redis_errors", object(process.redis.errors.map { ($0.kind, number($0.count)) })),
            ("redis_reconnects", number(process.redis.reconnects)),
            ("log_entries_skipped", number(process.skippedElementCount)),
        ]
    }

    /// The buckets are cumulative; the last one has no bound.
    private static func value(_ durations: RequestDurations, route: RouteLabel) -> JSONValue {
        let bounds: [JSONValue] = RequestDurations.bounds.map { number($0) } + [.null]
        let buckets = zip(bounds, durations.cumulativeCounts).map { bound, count in
            object([("microseconds", bound), ("count", number(count))])
        }
        return object([
            ("route", .string(route.text)), ("count", number(durations.count)),
            ("sum_microseconds", number(durations.sumMicroseconds)), ("buckets", .array(buckets)),
        ])
    }

    static func value(_ cache: ResponseCacheCounts) -> JSONValue {
        object([
            ("hits", number(cache.hits)), ("misses", number(cache.misses)),
            ("invalidations", number(cache.invalidations)), ("evictions", number(cache.evictions)),
            ("entries", number(cache.entries)), ("bytes", number(cache.bytes)), ("tracking", .bool(cache.isTracking)),
        ])
    }

    /// One thread as php-fpm shows a process, and where the time of its last request went.
    func value(_ thread: ThreadStatus) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("pid", StatusReport.number(thread.threadID)), ("state", .string(thread.state.rawValue)),
            ("start time", StatusReport.number(thread.startedAt.seconds)),
            ("start since", StatusReport.number(age(of: thread))),
            ("requests", StatusReport.number(thread.requestCount)),
            ("request duration", StatusReport.number(thread.requestMicroseconds)),
            ("request method", .string(thread.method.isEmpty ? "-" : thread.method)),
            ("request uri", .string(thread.path.isEmpty ? "-" : thread.path)),
            ("content length", StatusReport.number(thread.contentLength)), ("user", .string(thread.user ?? "-")),
            ("last request total", StatusReport.number(thread.lastPhases.total)),
        ]
        members += thread.lastPhases.named.map { ("last request \($0.name)", StatusReport.number($0.microseconds)) }
        return StatusReport.object(members)
    }

    static func number(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }
}
