import Directory
import Logging
import Model
import Queue
import Redis
import WebhookRules

extension AutoDisabler {
    /// The same for all processes: any may finish a warning that another one began.
    private static let owner = "monitor"
    /// How long a process may take to queue the mails of a warning; after that another one may do it.
    private static let claimLifetimeSeconds = 60

    /// Warns the owners of the highest percentage of the rule that is reached, unless they were warned of it; lower
    /// ones that were reached at the same time are skipped. A percentage that is no longer reached can be warned of
    /// again.
    func warn(
        _ attempt: FinishedAttempt, _ rule: AutoDisableRule, _ settings: AutoDisableSettings, days: [DailyOutcomes],
        now: Timestamp
    ) throws(RedisError) {
        let key = attempt.failureCountKey
        let percents = settings.warningPercentsFromHighest
        let reached = percents.filter { rule.isReached(percent: $0, in: days) }
        try release(percents.filter { !reached.contains($0) }, of: key)
        guard let highest = reached.first,
            try transitions.claim(
                warning(highest, of: key), owner: Self.owner, lifetimeSeconds: Self.claimLifetimeSeconds)
        else { return }
        do {
            try send(percent: highest, attempt: attempt, now: now)
        } catch {
            _ = try transitions.release(warning(highest, of: key), owner: Self.owner)
            if case .redis(let error) = error { throw error }
            log.warning(
                "the owners of an app could not be warned; it will be retried",
                metadata: ["sentryapp_slug": "\(attempt.webhook.app.slug)", "error": "\(error)"])
            return
        }
        let lifetime = settings.warningLifetimeSeconds
        _ = try transitions.prolong(warning(highest, of: key), owner: Self.owner, lifetimeSeconds: lifetime)
        for percent in reached.dropFirst() {
            _ = try transitions.claim(warning(percent, of: key), owner: Self.owner, lifetimeSeconds: lifetime)
        }
    }

    private func send(percent: Int, attempt: FinishedAttempt, now: Timestamp) throws(AutoDisableError) {
        let app = attempt.webhook.app
        let key = attempt.failureCountKey
        let organization = try AutoDisableError.directory { () throws(DirectoryError) in
            try directory.organization(id: key.organizationID)
        }
        guard let organization else { return }
        log.notice(
            "an app is failing",
            metadata: [
                "sentryapp_slug": "\(app.slug)", "org_id": "\(organization.id)", "percent": "\(percent)",
            ])
        // With the day, so that a repeated warning queues no second mail even if a process died in between.
        let change = OwnerMails.Change(
            kind: .warning(percent: percent),
            key: "warned:\(app.id):\(organization.id):\(percent):\(now.seconds / 86400)", date: now)
        try mails.send(change, app: app, organization: organization)
    }

    /// Resets the warnings, after the app was disabled, whatever policy it had.
    func resetWarnings(of key: FailureCountKey) throws(RedisError) {
        try release(Set(policies.all.flatMap(\.autoDisable.warningPercents)).sorted(by: >), of: key)
    }

    private func release(_ percents: [Int], of key: FailureCountKey) throws(RedisError) {
        for percent in percents {
            _ = try transitions.release(warning(percent, of: key), owner: Self.owner)
        }
    }

    private func warning(_ percent: Int, of key: FailureCountKey) -> StateTransition {
        StateTransition(appID: key.appID, kind: "warned-\(percent)", id: String(key.organizationID))
    }
}

extension AutoDisableSettings {
    /// The percentages to warn at, the highest first.
    var warningPercentsFromHighest: [Int] {
        Set(warningPercents.filter { (1...99).contains($0) }).sorted(by: >)
    }
}
