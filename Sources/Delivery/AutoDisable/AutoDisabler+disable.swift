import Directory
import Logging
package import Model
import Queue
package import Redis
import WireJSON

extension AutoDisabler {
    /// Notices that one call completes.
    private static let noticeLimit = 100

    /// Disables an app, unless another process did; in one transaction with the audit entry and a notice, the outbox
    /// from which the following steps are done.
    ///
    /// When the directory fails, the next `completeNotices` tries again.
    func disable(_ disabling: Disabling, now: Timestamp) {
        let app = disabling.app
        do {
            guard let organization = try directory.organization(id: disabling.organizationID) else {
                failedDisablings[app.id] = nil
                return noteOrphan(disabling)
            }
            let name = JSONValue.object([JSONValue.Member(name: "name", value: .string(app.name))])
            let audit = AuditEntry.Draft(
                organizationID: organization.id, event: AuditEntry.appDisabled, actorLabel: "Sentry",
                targetObject: organization.id,
                dataJSON: String(decoding: name.serialized(escaping: .ascii), as: UTF8.self), date: now)
            if try directory.disable(appID: app.id, reason: disabling.reason.text, audit: audit) {
                isCompletionDue = true
            }
            failedDisablings[app.id] = nil
        } catch {
            guard failedDisablings[app.id] != nil || failedDisablings.count < AutoDisabler.memoryLimit else { return }
            // Each further attempt, and each retry, fails for the same reason.
            guard failedDisablings.updateValue(disabling, forKey: app.id) == nil else { return }
            log.error(
                "an app could not be disabled; it will be retried",
                metadata: ["sentryapp_slug": "\(app.slug)", "error": "\(error)"])
        }
    }

    private func noteOrphan(_ disabling: Disabling) {
        if orphans.count >= AutoDisabler.memoryLimit { orphans = [] }
        guard orphans.insert(disabling.app.id).inserted else { return }
        log.error(
            "an app cannot be disabled: its organization does not exist",
            metadata: ["sentryapp_slug": "\(disabling.app.slug)", "org_id": "\(disabling.organizationID)"])
    }

    package func completeNotices(now: Timestamp) throws(RedisError) {
        for disabling in failedDisablings.values { disable(disabling, now: now) }
        isCompletionDue = false
        let notices: [DisablingNotice]
        do {
            notices = try directory.pendingNotices(limit: AutoDisabler.noticeLimit)
            isDirectoryDown = false
        } catch {
            if !isDirectoryDown {
                log.error("notices of disabled apps cannot be read", metadata: ["error": "\(error)"])
            }
            isDirectoryDown = true
            return
        }
        if failedNotices.count > AutoDisabler.memoryLimit { failedNotices = [] }
        var failure: RedisError?
        for notice in notices {
            do {
                try complete(notice, now: now)
                failedNotices.remove(notice.id)
            } catch {
                if case .redis(let error) = error { failure = error }
                guard failedNotices.insert(notice.id).inserted else { continue }
                log.warning(
                    "the steps after disabling an app failed; they will be retried",
                    metadata: ["app_id": "\(notice.appID)", "error": "\(error)"])
            }
        }
        if let failure { throw failure }
    }

    /// Carries out the steps after an app was disabled. Each step is idempotent; the notice is deleted last.
    private func complete(_ notice: DisablingNotice, now: Timestamp) throws(AutoDisableError) {
        let key = FailureCountKey(appID: notice.appID, organizationID: notice.organizationID)
        let app = try AutoDisableError.directory { () throws(DirectoryError) in try directory.app(id: notice.appID) }
        let organization = try AutoDisableError.directory { () throws(DirectoryError) in
            try directory.organization(id: notice.organizationID)
        }
        // With the date, since the ids of a re-created directory start at 1 again, while Redis still has the old ones.
        let name = "disabled:\(notice.id):\(notice.date.microseconds)"
        if let app, let organization {
            let change = OwnerMails.Change(kind: .disabled, key: name, reason: notice.reason, date: notice.date)
            try mails.send(change, app: app, organization: organization)
        }
        try AutoDisableError.redis { () throws(RedisError) in
            try counts.clear(key, at: now)
            try windows.clear(appID: notice.appID)
            try resetWarnings(of: key)
            // Another process may complete the same notice at the same time.
            let transition = StateTransition(appID: notice.appID, kind: "disabled", id: name)
            if try transitions.claim(transition, owner: "monitor", lifetimeSeconds: 7 * 86400) {
                report(notice, app: app)
            }
        }
        try AutoDisableError.directory { () throws(DirectoryError) in try directory.completeNotice(id: notice.id) }
    }

    private func report(_ notice: DisablingNotice, app: SentryApp?) {
        metrics.countDisabled()
        log.info(
            "sentryapp.disabled",
            metadata: [
                "sentryapp_webhook": "\((app?.webhookURL ?? "").withoutCredentials)",
                "sentryapp_slug": "\(app?.slug ?? "")", "sentryapp_uuid": "\(app?.uuid ?? "")",
                "org_id": "\(notice.organizationID)", "reason": "\(notice.reason)",
            ])
    }
}
