import Buffer
package import Directory
package import Logging
package import Model
package import Queue
package import Redis
package import WebhookRules

/// Counts what becomes of webhooks, warns of integrations that fail, and disables those that stay broken (contract 7.6).
///
/// Several monitors, in several programs, may look at the same Redis and the same directory: the directory lets one of
/// them disable, and what follows from it is the same whoever does it, and how often. One object serves one thread.
package final class AutoDisabler: AutoDisabling {
    /// A monitor reads the days of an integration no oftener than this unless its own counts say that something changed.
    static let restMicroseconds: Int64 = 1_000_000
    /// What is remembered of integrations is forgotten when there are so many.
    static let memoryLimit = 10_000

    let directory: any DeliveryDirectory
    let health: FailureCounts
    let transitions: StateTransitions
    let mails: OwnerMails
    let settings: AutoDisableSettings
    let metrics: any DeliveryMetrics
    let log: Logger
    /// When the days of an integration were read last.
    private var readAt: [FailureCountKey: Timestamp] = [:]
    /// Disablings that the directory could not carry out; tried again by `completeDisablings`.
    var owed: [Int64: Disabling] = [:]
    /// Whether this monitor has disabled something since it last looked at the pending notices.
    var isCompletionDue = false
    /// Apps whose organization is gone, so that it is logged once.
    var orphans: Set<Int64> = []
    /// Whether the last look at the pending notices failed, so that it is logged once.
    var isDirectoryDown = false

    /// An app that is to be disabled.
    struct Disabling {
        var app: SentryApp
        /// In whose name.
        var organizationID: Int64
        var reason: DisablingReason
    }

    /// - Parameters:
    ///   - connection: may be shared with what else the thread does, as long as nothing waits on it.
    ///   - mailQueue: nil when there is no mail server; a warning with the facts is logged in place of each mail.
    ///   - baseURL: of the platform's pages: `https://sentry.example.com`.
    package init(
        connection: RedisConnection, directory: any DeliveryDirectory, mailQueue: DeliveryQueue?,
        settings: AutoDisableSettings, baseURL: String, metrics: any DeliveryMetrics, log: Logger
    ) {
        self.directory = directory
        health = FailureCounts(connection: connection)
        transitions = StateTransitions(connection: connection)
        let base = String(baseURL.reversed().drop { $0 == "/" }.reversed())
        mails = OwnerMails(directory: directory, queue: mailQueue, baseURL: base, log: log)
        self.settings = settings
        self.metrics = metrics
        self.log = log
    }

    package func observe(_ attempts: [FinishedAttempt], now: Timestamp) throws(RedisError) {
        // The directory alone decides about these: they are heard even when Redis is down.
        var goneApps: Set<Int64> = []
        for attempt in attempts where attempt.isGone && goneApps.insert(attempt.webhook.app.id).inserted {
            disable(Disabling(attempt, .gone), now: now)
        }
        var failure: RedisError?
        do {
            try judge(
                attempts.filter { isCounted($0.webhook.app) && !goneApps.contains($0.webhook.app.id) }, now: now)
        } catch {
            failure = error
        }
        if isCompletionDue { try completeDisablings(now: now) }
        if let failure { throw failure }
    }

    private func isCounted(_ app: SentryApp) -> Bool {
        switch settings.apps {
        case .internal: app.status == .internal
        case .all: true
        case .none: false
        }
    }

    /// Counts, and looks at the rule where that may be of use. What fails for one integration does not for the others.
    private func judge(_ attempts: [FinishedAttempt], now: Timestamp) throws(RedisError) {
        var failure: RedisError?
        var suspects: [FailureCountKey] = []
        let counts = attempts.compactMap { attempt in
            attempt.healthOutcome.map { FailureCount(attempt.integration, $0, at: attempt.date) }
        }
        for tally in try health.record(counts) {
            do {
                let tally = try tally.get()
                let key = tally.integration
                if needsLook(tally, now: now), !suspects.contains(key) { suspects.append(key) }
            } catch {
                failure = error
            }
        }
        for (key, days) in zip(suspects, try readDays(of: suspects, now: now)) {
            guard let attempt = attempts.last(where: { $0.integration == key }) else { continue }
            do {
                try judge(attempt, days: try days.get(), now: now)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Whether what was just counted may have made the integration broken, or reached a warning.
    ///
    /// Successes make nothing worse. Of errors only the first of a day does, and of time-outs only the one that reaches
    /// a limit; the totals that Redis gives tell exactly whose that was. The look from time to time finds what was
    /// missed by a program that died, and what others wrote.
    private func needsLook(_ tally: FailureTally, now: Timestamp) -> Bool {
        guard tally.added[.error] != nil || tally.added[.timeout] != nil else { return false }
        let rule = settings.rule
        if tally.total(.timeout) >= rule.timeoutThreshold || tally.reached(1, of: .error) { return true }
        let limits = settings.warningPercents.map { rule.share($0, of: rule.timeoutThreshold) }
        if limits.contains(where: { tally.reached($0, of: .timeout) }) { return true }
        guard let last = readAt[tally.integration] else { return true }
        return now < last || now.microseconds - last.microseconds >= AutoDisabler.restMicroseconds
    }

    private func readDays(
        of integrations: [FailureCountKey], now: Timestamp
    ) throws(RedisError) -> [Result<[DailyOutcomes], RedisError>] {
        let days = try health.days(of: integrations, upTo: now, count: settings.rule.dayCount)
        if readAt.count + integrations.count > AutoDisabler.memoryLimit { readAt = [:] }
        for integration in integrations { readAt[integration] = now }
        return days
    }

    /// Disables or warns by the days' outcomes.
    private func judge(_ attempt: FinishedAttempt, days: [DailyOutcomes], now: Timestamp) throws(RedisError) {
        if let finding = settings.rule.finding(in: days) {
            disable(Disabling(attempt, .broken(finding, rule: settings.rule)), now: now)
        } else {
            try warn(attempt, days: days, now: now)
        }
    }
}

extension AutoDisabler.Disabling {
    init(_ attempt: FinishedAttempt, _ reason: DisablingReason) {
        self.init(
            app: attempt.webhook.app, organizationID: attempt.webhook.installation.organizationID, reason: reason)
    }
}
