import Directory
import Logging
import Model
import Queue
import Redis
import WebhookRules

/// The failure windows, and the rule of the policy `standard`.
extension AutoDisabler {
    /// An app with a failed attempt, and its window after that.
    struct FailingApp {
        /// The webhook of the last attempt that failed.
        let webhook: PlannedWebhook
        let window: FailureWindow
    }

    /// Counts attempts in the windows of their apps: of all apps, and under every policy.
    ///
    /// - Parameter failure: set when Redis fails; for one app, this does not affect the others.
    /// - Returns: the apps that failed among them.
    func record(_ attempts: [FinishedAttempt], _ failure: inout RedisError?) -> [FailingApp] {
        var failed: [Int64: PlannedWebhook] = [:]
        let outcomes = attempts.compactMap { attempt in
            let outcome = attempt.windowOutcome
            if let kind = outcome?.kind, kind != .success { failed[attempt.webhook.app.id] = attempt.webhook }
            return outcome
        }
        do {
            var failing: [FailingApp] = []
            let countsTimeouts = policies.all.contains { $0.autoDisable.rule.countsTimeouts }
            for (destination, window) in try windows.record(outcomes, countsTimeouts: countsTimeouts) {
                switch window {
                case .success(let window):
                    if let webhook = failed[destination.appID] {
                        failing.append(.init(webhook: webhook, window: window))
                    }
                case .failure(let error): failure = error
                }
            }
            return failing
        } catch {
            failure = error
            return []
        }
    }

    /// Finds the apps for which the rule is met, and warns the owners of others.
    ///
    /// - Parameter appsToDisable: gets the apps that are to be disabled.
    func evaluate(
        _ apps: [FailingApp], _ rule: FailureWindowRule, _ settings: AutoDisableSettings, now: Timestamp,
        _ appsToDisable: inout [PendingDisabling]
    ) throws(RedisError) {
        var failure: RedisError?
        for failing in apps {
            do {
                let (app, window) = (failing.webhook.app, failing.window)
                if let cause = rule.cause(in: window) {
                    // Counted over all organizations: the owner's is the one that all mails and entries are about.
                    let reason = DisablingReason.window(rule, cause).text
                    appsToDisable.append(
                        PendingDisabling(appID: app.id, organizationID: app.ownerID, reason: reason))
                } else if let failures = window.failures,
                    let percent = rule.warning(among: settings.warningPercentsFromHighest, in: window)
                {
                    try warn(app, percent: percent, failures, rule, now: now)
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Warns the owners of a percentage, once for each window. Mails first: what is interrupted is repeated, and the
    /// mail queue accepts the same mail only once.
    private func warn(
        _ app: SentryApp, percent: Int, _ failures: FailureWindow.Failures, _ rule: FailureWindowRule, now: Timestamp
    ) throws(RedisError) {
        do {
            let organization = try AutoDisableError.directory { () throws(DirectoryError) in
                try directory.organization(id: app.ownerID)
            }
            guard let organization else { return }
            let change = OwnerMails.Change(
                kind: .warning(percent: percent),
                key: "warned:\(app.id):\(percent):\(failures.first.microseconds)",
                disablesAt: rule.disablesAt(failures), date: now)
            try mails.send(change, app: app, organization: organization)
        } catch {
            if case .redis(let error) = error { throw error }
            log.warning(
                "the owners of an app could not be warned; it will be retried",
                metadata: ["sentryapp_slug": "\(app.slug)", "error": "\(error)"])
            return
        }
        guard try windows.markWarned(WebhookDestination(appID: app.id), percent: percent, first: failures.first) else {
            return
        }
        log.notice(
            "an app is failing",
            metadata: [
                "sentryapp_slug": "\(app.slug)", "org_id": "\(app.ownerID)", "percent": "\(percent)",
                "failing_since": "\(failures.first.iso8601Description)",
                "disables_at": "\(rule.disablesAt(failures).iso8601Description)",
            ])
    }
}
