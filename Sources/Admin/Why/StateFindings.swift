import Buffer
import Model
import Planning

/// What Redis knows of an app: its health, what waits for it, what became of its last webhooks.
struct StateFindings {
    let app: SentryApp
    let now: Timestamp

    /// The counts that may disable the app, and how far they are from that.
    func health(
        organizationID: Int64, in health: IntegrationHealth, rule: BrokenRule, apps: MonitorSettings.Apps
    ) throws(CommandFailure) -> Finding {
        guard apps == .all || (apps == .internal && app.status == .internal) else {
            return .note("health", "not counted for \(app.status.name) apps (HOOKLINE_BROKEN_APPS is \(apps.rawValue))")
        }
        let key = IntegrationKey(appID: app.id, organizationID: organizationID)
        let days = try reportingBufferErrors { () throws(BufferError) in
            try health.days(of: key, upTo: now, count: rule.dayCount)
        }
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
    func workers(_ workers: [WorkerReport]) -> Finding {
        guard !workers.isEmpty else {
            return .note("workers", "no worker is alive: events wait in the queue until hookline-worker runs")
        }
        let names = workers.prefix(3).map(\.consumer).joined(separator: ", ")
        return .ok("workers", "\(workers.count) alive: \(names)\(workers.count > 3 ? ", …" : "")")
    }

    /// What waits in the queue, and the dead letters of the app.
    func backlog(in queue: DeliveryQueue) throws(CommandFailure) -> [Finding] {
        let statistics = try reportingBufferErrors { () throws(BufferError) in try queue.statistics() }
        let limit = 1000
        var count = 0
        var newest: DeadLetter?
        var cursor: DeadLetterPage.Cursor?
        repeat {
            let page = try reportingBufferErrors { () throws(BufferError) in
                try queue.deadLetters(appID: app.id, after: cursor, count: 100)
            }
            count += page.letters.count
            newest = page.letters.last ?? newest
            cursor = page.next
        } while cursor != nil && count < limit
        return [waiting(statistics, bound: queue.settings.maximumDepth), dead(count, limit: limit, newest: newest)]
    }

    private func waiting(_ statistics: QueueStatistics, bound: Int) -> Finding {
        let text =
            "\(statistics.waiting) waiting, \(statistics.pending) under way, \(statistics.scheduled) to be repeated "
            + "later, of all apps"
        if statistics.depth >= bound {
            return .problem("queue", "\(text). It is full (\(bound)): new events are refused with 503")
        }
        let age = statistics.oldestAgeMicroseconds(at: now)
        guard age > 60_000_000 else { return .ok("queue", text) }
        return .note(
            "queue",
            "\(text). The oldest has been due for \(Age(microseconds: age)): is a worker running and keeping up?")
    }

    private func dead(_ count: Int, limit: Int, newest: DeadLetter?) -> Finding {
        guard count > 0 else { return .ok("dead letters", "none of this app") }
        let number = count >= limit ? "\(limit) or more" : String(count)
        let last = newest.map { ". The newest: \($0.reason)" } ?? ""
        return .note(
            "dead letters",
            "\(number) of this app\(last). 'hookline queue list --app \(app.slug)' shows them, 'hookline queue redrive "
                + "--all --app \(app.slug)' sends them again")
    }

    /// The newest rows of the log for the event.
    func log(of event: EventType, in buffer: WebhookRequestBuffer) throws(CommandFailure) -> Finding {
        let rows = try AttemptList(newest: 5, of: event, appID: app.id, in: buffer).attempts
        guard let last = rows.first else { return .note("log", "no \(event.rawValue) was ever sent to this app") }
        let list = rows.map { "\($0.time) \($0.outcome)" }.joined(separator: ", ")
        let text = "the last of \(event.rawValue), newest first: \(list)"
        guard !last.isSuccess, let body = last.responseBody, !body.isEmpty else { return .note("log", text) }
        return .note("log", "\(text). The last answer: \(TestDelivery.excerpt(body))")
    }
}
