import Directory
import Logging
import Model
import Queue
import Redis
import WebhookRules
import WireJSON

/// Disables targets of relays that keep failing, and warns the owners of their apps before (docs/relay.md).
///
/// A target is disabled in Redis alone, at once: no app and no counter of the original's is touched. That owners are
/// told and the act is audited follows, and is repeated until it succeeds. Not thread-safe.
final class RelayTargetDisabler {
    /// A target with a failed attempt, and its window after that.
    private struct FailingTarget {
        let destination: WebhookDestination
        let webhook: PlannedWebhook
        let window: FailureWindow
    }

    private static let memoryLimit = 10_000

    private let directory: any DeliveryDirectory
    private let states: RelayTargetStates
    private let windows: FailureWindows
    private let transitions: StateTransitions
    private let mails: OwnerMails
    /// The rule of the policy `standard`, whichever policy an app has: the original's counts by organization.
    private let settings: AutoDisableSettings
    private let names: PlatformNames
    private let metrics: any DeliveryMetrics
    private let log: Logger
    /// Notices whose steps failed the last time, so that it is logged once.
    private var failedNotices: Set<WebhookDestination> = []

    /// - Parameters: as of `AutoDisabler`.
    init(
        connection: RedisConnection, directory: any DeliveryDirectory, mails: OwnerMails, policies: DeliveryPolicies,
        names: PlatformNames, metrics: any DeliveryMetrics, log: Logger
    ) {
        self.directory = directory
        states = RelayTargetStates(connection: connection)
        windows = FailureWindows(connection: connection)
        transitions = StateTransitions(connection: connection)
        self.mails = mails
        settings = policies.named(.standard).autoDisable
        self.names = names
        self.metrics = metrics
        self.log = log
    }

    /// Disables the targets that want no more webhooks.
    func noteGone(_ attempts: [FinishedAttempt]) throws(RedisError) {
        for attempt in attempts where attempt.isGone {
            try disable(attempt.webhook.destination, .gone, at: attempt.date)
        }
    }

    /// Counts attempts, disables targets that meet the rule, and warns the owners of others.
    func observe(_ attempts: [FinishedAttempt], now: Timestamp) throws(RedisError) {
        var failed: [WebhookDestination: PlannedWebhook] = [:]
        let outcomes = attempts.filter { !$0.isGone }.compactMap { attempt in
            let outcome = attempt.windowOutcome
            if let outcome, outcome.kind != .success { failed[outcome.destination] = attempt.webhook }
            return outcome
        }
        guard !outcomes.isEmpty else { return }
        var failure: RedisError?
        for (destination, window) in try windows.record(outcomes, countsTimeouts: settings.rule.countsTimeouts) {
            do throws(RedisError) {
                let window = try window.get()
                guard let webhook = failed[destination] else { continue }
                try evaluate(FailingTarget(destination: destination, webhook: webhook, window: window), now: now)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private func evaluate(_ failing: FailingTarget, now: Timestamp) throws(RedisError) {
        guard case .window(let rule) = settings.rule, settings.apps != .none else { return }
        if let cause = rule.cause(in: failing.window) {
            try disable(failing.destination, .window(rule, cause), at: now)
        } else if let failures = failing.window.failures,
            let percent = rule.warning(among: settings.warningPercentsFromHighest, in: failing.window)
        {
            try warn(failing, percent: percent, failures, rule, now: now)
        }
    }

    private func disable(
        _ destination: WebhookDestination, _ reason: DisablingReason, at date: Timestamp
    ) throws(RedisError) {
        guard let target = destination.target, try states.disabled(appID: destination.appID)[target] == nil else {
            return
        }
        let disabling = TargetDisabling(date: date, reason: reason.text)
        try states.add(TargetNotice(destination: destination, disabling: disabling))
        _ = try states.disable(destination, disabling)
    }

    /// Warns the owners of a percentage, once for each window. Mails first: what is interrupted is repeated, and the
    /// mail queue accepts the same mail only once.
    private func warn(
        _ failing: FailingTarget, percent: Int, _ failures: FailureWindow.Failures, _ rule: FailureWindowRule,
        now: Timestamp
    ) throws(RedisError) {
        let (app, target) = (failing.webhook.app, failing.destination.target ?? "")
        do {
            try send(
                OwnerMails.Change(
                    kind: .warning(percent: percent),
                    key: "warned:\(app.id):\(target):\(percent):\(failures.first.microseconds)", target: target,
                    webhookURL: failing.webhook.url, disablesAt: rule.disablesAt(failures), date: now), app)
        } catch {
            if case .redis(let error) = error { throw error }
            log.warning(
                "the owners of an app could not be warned; it will be retried",
                metadata: ["sentryapp_slug": "\(app.slug)", "target": "\(target)", "error": "\(error)"])
            return
        }
        guard try windows.markWarned(failing.destination, percent: percent, first: failures.first) else { return }
        log.notice(
            "a target of a relay is failing",
            metadata: [
                "sentryapp_slug": "\(app.slug)", "target": "\(target)", "percent": "\(percent)",
                "failing_since": "\(failures.first.iso8601Description)",
                "disables_at": "\(rule.disablesAt(failures).iso8601Description)",
            ])
    }

    /// To the owners of the organization that owns the app; a warning in the log where it does not exist.
    private func send(_ change: OwnerMails.Change, _ app: SentryApp) throws(AutoDisableError) {
        let organization = try AutoDisableError.directory { () throws(DirectoryError) in
            try directory.organization(id: app.ownerID)
        }
        guard let organization else {
            log.warning("an app has no organization to notify", metadata: ["sentryapp_slug": "\(app.slug)"])
            return
        }
        try mails.send(change, app: app, organization: organization)
    }

    /// Tells the owners of targets that were disabled, by this worker or another one, and writes the audit entries.
    /// Called periodically.
    func completeNotices(now: Timestamp) throws(RedisError) {
        if failedNotices.count > Self.memoryLimit { failedNotices = [] }
        for notice in try states.notices() {
            do throws(AutoDisableError) {
                try complete(notice, now: now)
                failedNotices.remove(notice.destination)
            } catch {
                if case .redis(let error) = error { throw error }
                guard failedNotices.insert(notice.destination).inserted else { continue }
                log.warning(
                    "the steps after disabling a target failed; they will be retried",
                    metadata: [
                        "app_id": "\(notice.destination.appID)", "target": "\(notice.destination.target ?? "")",
                        "error": "\(error)",
                    ])
            }
        }
    }

    /// Each step can be repeated; the notice is removed last.
    private func complete(_ notice: TargetNotice, now: Timestamp) throws(AutoDisableError) {
        let (destination, target) = (notice.destination, notice.destination.target ?? "")
        let app = try AutoDisableError.directory { () throws(DirectoryError) in try directory.app(id: destination.appID)
        }
        // What wrote the notice may have ended before it disabled the target.
        let isNew = try AutoDisableError.redis { () throws(RedisError) -> Bool in
            if try states.disable(destination, notice.disabling) { return true }
            return try states.disabled(appID: destination.appID)[target] == notice.disabling
        }
        let name = "target-disabled:\(destination.appID):\(target):\(notice.disabling.date.microseconds)"
        if let app, isNew {
            try send(
                OwnerMails.Change(
                    kind: .targetDisabled, key: name, reason: notice.disabling.reason, target: target,
                    webhookURL: RelayTargets(of: app)?[target]?.url, date: notice.disabling.date), app)
            // Another worker may complete the same notice at the same time.
            let transition = StateTransition(appID: app.id, kind: "target-disabled", id: name)
            let isClaimed = try AutoDisableError.redis { () throws(RedisError) in
                try transitions.claim(transition, owner: "monitor", lifetimeSeconds: 7 * 86_400)
            }
            if isClaimed { try audit(notice, app, transition) }
        }
        try AutoDisableError.redis { () throws(RedisError) in
            try windows.clear(destination)
            try states.removeNotice(destination)
        }
    }

    private func audit(
        _ notice: TargetNotice, _ app: SentryApp, _ transition: StateTransition
    ) throws(AutoDisableError) {
        let target = notice.destination.target ?? ""
        do throws(AutoDisableError) {
            try AutoDisableError.directory { () throws(DirectoryError) in
                try directory.record(
                    AuditEntry.Draft(
                        target: target, of: app, event: AuditEntry.targetDisabled, actorLabel: names.platform,
                        date: notice.disabling.date))
            }
        } catch {
            try AutoDisableError.redis { () throws(RedisError) in
                _ = try transitions.release(transition, owner: "monitor")
            }
            throw error
        }
        metrics.countDisabled()
        log.notice(
            "a target of a relay is disabled",
            metadata: [
                "sentryapp_slug": "\(app.slug)", "target": "\(target)", "reason": "\(notice.disabling.reason)",
            ])
    }
}
