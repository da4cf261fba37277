package import Directory
package import Logging
package import Model
package import Queue
package import Redis
package import WebhookRules

/// Counts the results of webhooks in Redis, warns the owners of apps that fail, and disables apps that keep failing
/// (docs/automatic-disabling.md).
///
/// Several processes may do so with the same Redis and the same directory: the directory lets one of them disable an
/// app, and the steps that follow are idempotent. Not thread-safe.
package final class AutoDisabler: AutoDisabling {
    /// The days of an app are read at most once in this time, unless the counts show that the rule may be met.
    static let readIntervalMicroseconds: Int64 = 1_000_000
    /// Limit of apps that something is remembered of; beyond it all of it is forgotten.
    static let memoryLimit = 10_000

    let directory: any DeliveryDirectory
    let counts: FailureCounts
    let windows: FailureWindows
    let pending: PendingDisablings
    let transitions: StateTransitions
    let mails: OwnerMails
    let targets: RelayTargetDisabler
    let policies: DeliveryPolicies
    let names: PlatformNames
    let metrics: any DeliveryMetrics
    let log: Logger
    /// When the days of an app were last read.
    var readAt: [FailureCountKey: Timestamp] = [:]
    /// Apps that could not be disabled because of the directory, so that it is logged once.
    var failedDisablings: Set<Int64> = []
    /// Apps whose organization does not exist, so that it is logged once.
    var orphans: Set<Int64> = []
    /// Notices whose steps failed the last time, so that it is logged once.
    var failedNotices: Set<Int64> = []
    /// Whether the pending notices could not be read the last time, so that it is logged once.
    var isDirectoryDown = false

    /// - Parameters:
    ///   - connection: may be shared with other code of the thread, unless that blocks on it.
    ///   - mailQueue: nil when there is no mail server; a warning is logged instead of mails.
    ///   - policies: of each, the rule for disabling applies.
    ///   - baseURL: of the pages that mails link to: `https://sentry.example.com`.
    ///   - links: whose pages they are.
    ///   - names: of the actor of audit entries.
    package init(
        connection: RedisConnection, directory: any DeliveryDirectory, mailQueue: DeliveryQueue?,
        policies: DeliveryPolicies, baseURL: String, links: AutoDisableNotice.Links = .platform,
        names: PlatformNames = .default, metrics: any DeliveryMetrics, log: Logger
    ) {
        self.directory = directory
        counts = FailureCounts(connection: connection)
        windows = FailureWindows(connection: connection)
        pending = PendingDisablings(connection: connection)
        transitions = StateTransitions(connection: connection)
        let base = String(baseURL.reversed().drop { $0 == "/" }.reversed())
        mails = OwnerMails(directory: directory, queue: mailQueue, baseURL: base, links: links, log: log)
        targets = RelayTargetDisabler(
            connection: connection, directory: directory, mails: mails, policies: policies, names: names,
            metrics: metrics, log: log)
        self.policies = policies
        self.names = names
        self.metrics = metrics
        self.log = log
    }

    package func noteGone(_ attempts: [FinishedAttempt]) throws(RedisError) -> Set<Int64> {
        try targets.noteGone(attempts.filter(\.isRelayed))
        return try note(attempts.filter { $0.isGone && !$0.isRelayed }.map { PendingDisabling($0, .gone) })
    }

    /// - Returns: the ids of the apps.
    private func note(_ appsToDisable: [PendingDisabling]) throws(RedisError) -> Set<Int64> {
        try pending.add(appsToDisable)
        return Set(appsToDisable.map(\.appID))
    }

    package func observe(_ attempts: [FinishedAttempt], now: Timestamp) throws(RedisError) -> Set<Int64> {
        // First the apps: what fails for a target concerns no app.
        let noted = try observeApps(attempts.filter { !$0.isRelayed }, now: now)
        try targets.observe(attempts.filter(\.isRelayed), now: now)
        return noted
    }

    private func observeApps(_ attempts: [FinishedAttempt], now: Timestamp) throws(RedisError) -> Set<Int64> {
        guard !attempts.isEmpty else { return [] }
        // Apps that are to be disabled in any case are not counted.
        let goneApps = Set(attempts.filter(\.isGone).map(\.webhook.app.id))
        var failure: RedisError?
        let remaining = attempts.filter { !goneApps.contains($0.webhook.app.id) }
        let failing = record(remaining, &failure)
        var appsToDisable: [PendingDisabling] = []
        for policy in policies.all {
            let settings = policy.autoDisable
            let applies = { (webhook: PlannedWebhook) in
                let followed = self.policies.policy(of: webhook)
                return followed.name == policy.name && followed.autoDisable.covers(webhook.app)
            }
            do {
                switch settings.rule {
                case .daily(let rule):
                    let attempts = remaining.filter { applies($0.webhook) }
                    try evaluate(attempts, rule, settings, now: now, &appsToDisable)
                case .window(let rule):
                    try evaluate(failing.filter { applies($0.webhook) }, rule, settings, now: now, &appsToDisable)
                }
            } catch {
                failure = error
            }
        }
        let noted = try note(appsToDisable)
        if let failure { throw failure }
        return noted
    }
}

/// The original's rule.
extension AutoDisabler {
    /// Counts, and applies the rule to apps that may meet it. A failure for one app does not affect the others.
    ///
    /// - Parameter appsToDisable: gets the apps that are to be disabled.
    private func evaluate(
        _ attempts: [FinishedAttempt], _ rule: AutoDisableRule, _ settings: AutoDisableSettings, now: Timestamp,
        _ appsToDisable: inout [PendingDisabling]
    ) throws(RedisError) {
        guard !attempts.isEmpty else { return }
        var failure: RedisError?
        var suspects: [FailureCountKey] = []
        let results = attempts.compactMap { attempt in
            attempt.countedAs.map { FailureCount(attempt.failureCountKey, $0, at: attempt.date) }
        }
        for tally in try counts.record(results) {
            do {
                let tally = try tally.get()
                let key = tally.key
                if mayMeet(rule, settings, tally, now: now), !suspects.contains(key) { suspects.append(key) }
            } catch {
                failure = error
            }
        }
        for (key, days) in zip(suspects, try readDays(of: suspects, count: rule.dayCount, now: now)) {
            guard let attempt = attempts.last(where: { $0.failureCountKey == key }) else { continue }
            do {
                try apply(rule, settings, attempt, days: try days.get(), now: now, &appsToDisable)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Whether the counted results may have met the rule, or a warning's part of it.
    ///
    /// Successes never do. Of errors only the first of a day can, of timeouts only the one that reaches a limit; the
    /// totals from Redis show exactly which call counted it. The days are also read periodically, to find what a
    /// process that died has missed, and what other programs wrote.
    private func mayMeet(
        _ rule: AutoDisableRule, _ settings: AutoDisableSettings, _ tally: FailureTally, now: Timestamp
    ) -> Bool {
        guard tally.added[.error] != nil || tally.added[.timeout] != nil else { return false }
        if tally.reached(1, of: .error) { return true }
        let threshold = rule.timeoutThreshold ?? .max
        if tally.total(.timeout) >= threshold { return true }
        let limits = settings.warningPercents.map { rule.share($0, of: threshold) }
        if limits.contains(where: { tally.reached($0, of: .timeout) }) { return true }
        guard let last = readAt[tally.key] else { return true }
        return now < last || now.microseconds - last.microseconds >= AutoDisabler.readIntervalMicroseconds
    }

    private func readDays(
        of keys: [FailureCountKey], count: Int, now: Timestamp
    ) throws(RedisError) -> [Result<[DailyOutcomes], RedisError>] {
        let days = try counts.days(of: keys, upTo: now, count: count)
        if readAt.count + keys.count > AutoDisabler.memoryLimit { readAt = [:] }
        for key in keys { readAt[key] = now }
        return days
    }

    /// Adds the app to those to be disabled, or warns its owners, by the results of the days.
    private func apply(
        _ rule: AutoDisableRule, _ settings: AutoDisableSettings, _ attempt: FinishedAttempt, days: [DailyOutcomes],
        now: Timestamp, _ appsToDisable: inout [PendingDisabling]
    ) throws(RedisError) {
        if let cause = rule.cause(in: days) {
            appsToDisable.append(PendingDisabling(attempt, .rule(rule, cause)))
        } else {
            try warn(attempt, rule, settings, days: days, now: now)
        }
    }
}

extension PendingDisabling {
    fileprivate init(_ attempt: FinishedAttempt, _ reason: DisablingReason) {
        let key = attempt.failureCountKey
        self.init(appID: key.appID, organizationID: key.organizationID, reason: reason.text)
    }
}
