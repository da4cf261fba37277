import Buffer
import Model
import Queue
import Redis

/// The state of an app in Redis: failure counts, backlog, latest attempts.
struct StateDiagnostics {
    /// An event that has been due for this long shows that no worker is running, or that it cannot keep up.
    private static let longWaitMicroseconds: Int64 = 60_000_000

    let app: SentryApp
    let audience: DiagnosisAudience
    let now: Timestamp

    /// Whether Redis takes what the programs write: without that no event is accepted, and no attempt recorded.
    func writes(_ check: () throws(RedisError) -> Void) throws(RedisError) -> Diagnostic {
        do throws(RedisError) {
            try check()
            return .ok("redis", "Redis accepts writes")
        } catch {
            guard case .refused(_, let message) = error else { throw error }
            return .problem(
                "redis",
                audience.choose(
                    forOperator: "Redis refuses writes: \(message)",
                    forUser: "the server cannot store events at the moment"
                ))
        }
    }

    /// The running workers.
    ///
    /// - Parameters:
    ///   - readers: consumers that read the queue: without reports they show that only these fail.
    ///   - refusesReports: whether Redis refuses writes, so that workers cannot report.
    func workers(_ workers: [WorkerReport], readers: Int, refusesReports: Bool = false) -> Diagnostic {
        guard !workers.isEmpty else {
            if refusesReports { return .note("workers", "unknown: none can report while writes are refused") }
            if readers > 0 {
                return .note("workers", "\(readers) running, but none can report: Redis may refuse their reports")
            }
            let fix = audience.choose(forOperator: "hookline-worker is started", forUser: "one is started")
            return .warning("workers", "no worker is running: events wait in the queue until \(fix)")
        }
        let names = workers.prefix(3).map(\.consumer).joined(separator: ", ")
        let list = audience.choose(forOperator: ": \(names)\(workers.count > 3 ? ", …" : "")", forUser: "")
        let skews = workers.compactMap { worker in worker.clockDifference.map { "\(worker.consumer): \($0)" } }
        guard skews.isEmpty else {
            let which = audience.choose(forOperator: " (\(skews.joined(separator: ", ")))", forUser: "")
            return .note("workers", "\(workers.count) running\(list). Clocks differ from that of Redis\(which)")
        }
        return .ok("workers", "\(workers.count) running\(list)")
    }

    /// The depth of the queue, and the dead letters of the app.
    func backlog(_ statistics: QueueStatistics, in queue: any BacklogReading) throws(RedisError) -> [Diagnostic] {
        [waiting(statistics, in: queue), dead(try queue.deadLetterSummary(appID: app.id))]
    }

    /// Users are not shown how much other apps send.
    private func waiting(_ statistics: QueueStatistics, in queue: any BacklogReading) -> Diagnostic {
        let counts = audience.choose(
            forOperator: "\(statistics.waiting) waiting, \(statistics.pending) in progress, "
                + "\(statistics.scheduled) scheduled, of all apps",
            forUser: "the queue accepts events")
        let isFull = statistics.limitedCount >= queue.maximumDepth
        if isFull || statistics.byteCount >= queue.maximumBytes {
            let bound = isFull ? "\(queue.maximumDepth)" : "\(queue.maximumBytes) bytes"
            return .problem(
                "queue",
                audience.choose(
                    forOperator: "\(counts). The queue is full (\(bound)): new events are rejected with 503",
                    forUser: "the queue is full: new events are rejected with 503"))
        }
        let age = statistics.oldestAgeMicroseconds(at: now)
        guard age > Self.longWaitMicroseconds else { return .ok("queue", counts) }
        let wait = Age(microseconds: age)
        return .note(
            "queue",
            audience.choose(
                forOperator:
                    "\(counts). The oldest has been due for \(wait): is a worker running, and does it keep up?",
                forUser: "the oldest event has been due for \(wait): new events will be late, too"))
    }

    private func dead(_ summary: DeadLetterSummary) -> Diagnostic {
        guard summary.count > 0 else { return .ok("dead letters", "none of this app") }
        let last = summary.newest.map { ". The newest: \($0.reason)" } ?? ""
        let fix = audience.choose(
            forOperator: "List them with 'hookline queue list --app \(app.slug)', redrive them with 'hookline queue "
                + "redrive --all --app \(app.slug)'", forUser: "The operator can redrive them")
        return .note("dead letters", "\(summary.count) of this app\(last). \(fix)")
    }

    /// The latest attempts for the event.
    func log(of event: EventType, in log: any WebhookRequestReading) throws(RedisError) -> Diagnostic {
        let page = try log.read(WebhookRequestQuery(appID: app.id, events: [event], ordering: .byDate, limit: 5))
        let rows = page.attempts
        guard let last = rows.first else {
            return .note("log", "no attempt for \(event.rawValue) is in the log of this app")
        }
        let list = rows.map { "\($0.time) \($0.outcome)" }.joined(separator: ", ")
        let text = "latest attempts for \(event.rawValue), newest first: \(list)"
        if let advice = last.redirectAdvice { return .note("log", "\(text). The last one failed: \(advice)") }
        guard !last.isSuccess, let body = last.responseBody, !body.isEmpty else { return .note("log", text) }
        return .note("log", "\(text). The last response: \(Excerpt(body))")
    }
}
