import Buffer
import Model
import Queue
import Redis

/// What Redis knows of an app: its health, what waits for it, what became of its last webhooks.
struct StateDiagnostics {
    /// Dead letters that are counted one by one.
    private static let deadLetterLimit = 1000
    /// An event that could have been delivered for so long waits for a worker that is not there, or cannot keep up.
    private static let longWaitMicroseconds: Int64 = 60_000_000

    let app: SentryApp
    let audience: Audience
    let now: Timestamp

    /// The counts that may disable the app, and how far they are from that.
    func health(
        organizationID: Int64, in health: any FailureCountReading, rule: AutoDisableRule, apps: AutoDisableSettings.Apps
    ) throws(RedisError) -> Diagnostic {
        guard apps == .all || (apps == .internal && app.status == .internal) else {
            let setting = audience.choose(forOperator: " (HOOKLINE_DISABLE_APPS is \(apps.rawValue))", forUser: "")
            return .note("health", "not counted for \(app.status.name) apps\(setting)")
        }
        let key = FailureCountKey(appID: app.id, organizationID: organizationID)
        let days = try health.days(of: key, upTo: now, count: rule.dayCount)
        let sum = days.reduce(into: DailyOutcomes()) { sum, day in
            sum.successes += day.successes
            sum.errors += day.errors
            sum.timeouts += day.timeouts
        }
        let worst = days.map(\.timeouts).max() ?? 0
        let bad = days.prefix { $0.errors > 0 && $0.successes == 0 }.count
        let counts =
            "\(rule.dayCount) days: \(sum.successes.counted("success")), \(sum.errors.counted("error")), "
            + "\(sum.timeouts.counted("time-out")). It is disabled at \(rule.timeoutThreshold) time-outs on one day "
            + "(most so far: \(worst)) or after \(rule.dayCount) days of errors without a success (now: \(bad))"
        guard rule.isBroken(days) else { return .ok("health", counts) }
        return .note("health", counts + ". It counts as broken: its next failure disables it")
    }

    /// Who delivers.
    func workers(_ workers: [WorkerReport]) -> Diagnostic {
        guard !workers.isEmpty else {
            let cure = audience.choose(forOperator: "hookline-worker runs", forUser: "one is started")
            return .note("workers", "no worker is alive: events wait in the queue until \(cure)")
        }
        let names = workers.prefix(3).map(\.consumer).joined(separator: ", ")
        let list = audience.choose(forOperator: ": \(names)\(workers.count > 3 ? ", …" : "")", forUser: "")
        return .ok("workers", "\(workers.count) alive\(list)")
    }

    /// What waits in the queue, and the dead letters of the app.
    func backlog(in queue: any BacklogReading) throws(RedisError) -> [Diagnostic] {
        let statistics = try queue.statistics()
        var count = 0
        var newest: DeadLetter?
        var cursor: DeadLetterPage.Cursor?
        repeat {
            let page = try queue.deadLetters(appID: app.id, after: cursor, count: 100)
            count += page.letters.count
            newest = page.letters.last ?? newest
            cursor = page.next
        } while cursor != nil && count < Self.deadLetterLimit
        // The oldest come first: where the search ends early it has not seen the newest.
        return [
            waiting(statistics, bound: queue.maximumDepth), dead(count, newest: cursor == nil ? newest : nil),
        ]
    }

    /// Users are told nothing of how much others send.
    private func waiting(_ statistics: QueueStatistics, bound: Int) -> Diagnostic {
        let counts = audience.choose(
            forOperator: "\(statistics.waiting) waiting, \(statistics.pending) under way, "
                + "\(statistics.scheduled) to be repeated later, of all apps",
            forUser: "no event waits for long")
        if statistics.depth >= bound {
            return .problem(
                "queue",
                audience.choose(
                    forOperator: "\(counts). It is full (\(bound)): new events are refused with 503",
                    forUser: "it is full: new events are refused with 503"))
        }
        let age = statistics.oldestAgeMicroseconds(at: now)
        guard age > Self.longWaitMicroseconds else { return .ok("queue", counts) }
        let wait = Age(microseconds: age)
        return .note(
            "queue",
            audience.choose(
                forOperator: "\(counts). The oldest has been due for \(wait): is a worker running and keeping up?",
                forUser: "the oldest event has been due for \(wait): new ones wait behind it"))
    }

    private func dead(_ count: Int, newest: DeadLetter?) -> Diagnostic {
        guard count > 0 else { return .ok("dead letters", "none of this app") }
        let number = count >= Self.deadLetterLimit ? "\(Self.deadLetterLimit) or more" : String(count)
        let last = newest.map { ". The newest: \($0.reason)" } ?? ""
        let cure = audience.choose(
            forOperator: "'hookline queue list --app \(app.slug)' shows them, 'hookline queue redrive --all --app "
                + "\(app.slug)' sends them again", forUser: "The operator can send them again")
        return .note("dead letters", "\(number) of this app\(last). \(cure)")
    }

    /// The newest rows of the log for the event.
    func log(of event: EventType, in log: any WebhookRequestReading) throws(RedisError) -> Diagnostic {
        let page = try log.read(WebhookRequestQuery(appID: app.id, events: [event], ordering: .byDate, limit: 5))
        let rows = page.attempts
        guard let last = rows.first else { return .note("log", "no \(event.rawValue) was ever sent to this app") }
        let list = rows.map { "\($0.time) \($0.outcome)" }.joined(separator: ", ")
        let text = "the last of \(event.rawValue), newest first: \(list)"
        guard last.hasFailed, let body = last.responseBody, !body.isEmpty else { return .note("log", text) }
        return .note("log", "\(text). The last answer: \(Excerpt(body))")
    }
}
