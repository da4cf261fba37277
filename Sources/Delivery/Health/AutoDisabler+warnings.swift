import Buffer
import Directory
import Logging
import Model
import Queue
import Redis
import WebhookRules

extension AutoDisabler {
    /// Whoever warns says the same: any monitor may end what another one began.
    private static let owner = "monitor"
    /// For this long a monitor may take to queue the mails of a warning; when it dies, another one warns then.
    private static let claimLifetimeSeconds = 60

    /// Tells the owners of the highest part of the rule that is reached, unless they were told; lower ones that were
    /// passed at the same time are not told of. What is no longer reached may be told of again.
    func warn(_ attempt: FinishedAttempt, days: [DailyOutcomes], now: Timestamp) throws(RedisError) {
        let key = attempt.integration
        let percents = Set(settings.warningPercents.filter { (1...99).contains($0) }).sorted(by: >)
        let reached = percents.filter { settings.rule.isReached(percent: $0, in: days) }
        try forget(percents.filter { !reached.contains($0) }, of: key)
        guard let highest = reached.first,
            try transitions.claim(
                warning(highest, of: key), owner: Self.owner, lifetimeSeconds: Self.claimLifetimeSeconds)
        else { return }
        do {
            try send(percent: highest, attempt: attempt, now: now)
        } catch {
            _ = try transitions.release(warning(highest, of: key), owner: Self.owner)
            if case .buffer(let error) = error { throw error }
            log.warning(
                "a warning about an integration could not be mailed; it will be tried again",
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
        let key = attempt.integration
        let organization = try AutoDisableError.looked { () throws(DirectoryError) in
            try directory.organization(id: key.organizationID)
        }
        guard let organization else { return }
        log.notice(
            "an integration is failing",
            metadata: [
                "sentryapp_slug": "\(app.slug)", "org_id": "\(organization.id)", "percent": "\(percent)",
            ])
        // The day in the name keeps a monitor that died in between from mailing twice.
        let change = OwnerMails.Change(
            kind: .warning(percent: percent),
            key: "warned:\(app.id):\(organization.id):\(percent):\(now.seconds / 86400)", date: now)
        try mails.send(change, app: app, organization: organization)
    }

    /// Lets the owners be warned from the beginning: the integration has been disabled.
    func forgetWarnings(of key: FailureCountKey) throws(RedisError) {
        try forget(settings.warningPercents, of: key)
    }

    private func forget(_ percents: [Int], of key: FailureCountKey) throws(RedisError) {
        for percent in percents {
            _ = try transitions.release(warning(percent, of: key), owner: Self.owner)
        }
    }

    private func warning(_ percent: Int, of key: FailureCountKey) -> StateTransition {
        StateTransition(appID: key.appID, kind: "warned-\(percent)", id: String(key.organizationID))
    }
}
