import Directory
import Logging
package import Model
import Queue
package import Redis
import WebhookRules
import WireJSON

extension AutoDisabler {
    /// Notices that one call completes.
    private static let noticeLimit = 100

    package func completeNotices(now: Timestamp) throws(RedisError) -> Set<Int64> {
        let remaining = try disablePending(now: now)
        // What waits for the directory's write lock waits for it once, and not for each change.
        if remaining.isEmpty {
            try completeSteps(now: now)
            try targets.completeNotices(now: now)
        }
        return remaining
    }

    /// Disables the apps that were noted, until the directory is unavailable.
    ///
    /// - Returns: those that remain.
    private func disablePending(now: Timestamp) throws(RedisError) -> Set<Int64> {
        let appsToDisable = try pending.all()
        var remaining = Set(appsToDisable.map(\.appID))
        failedDisablings.formIntersection(remaining)
        for disabling in appsToDisable {
            do {
                try disable(disabling, now: now)
            } catch {
                noteFailure(disabling, error)
                if case .unavailable = error { break }
                continue
            }
            try pending.remove(appID: disabling.appID)
            remaining.remove(disabling.appID)
        }
        return remaining
    }

    /// Disables an app, unless another process did; in one transaction with the audit entry and a notice, the outbox
    /// from which the following steps are done.
    private func disable(_ disabling: PendingDisabling, now: Timestamp) throws(DirectoryError) {
        guard let app = try directory.app(id: disabling.appID), app.disablement == nil else { return }
        guard let organization = try directory.organization(id: disabling.organizationID) else {
            return noteOrphan(disabling, app)
        }
        let name = JSONValue.object([JSONValue.Member(name: "name", value: .string(app.name))])
        let audit = AuditEntry.Draft(
            organizationID: organization.id, event: AuditEntry.appDisabled, actorLabel: names.platform,
            targetObject: organization.id,
            dataJSON: String(decoding: name.serialized(escaping: .ascii), as: UTF8.self), date: now)
        _ = try directory.disable(appID: app.id, reason: disabling.reason, audit: audit)
    }

    private func noteFailure(_ disabling: PendingDisabling, _ error: DirectoryError) {
        guard failedDisablings.insert(disabling.appID).inserted else { return }
        log.error(
            "an app could not be disabled; it will be retried",
            metadata: ["app_id": "\(disabling.appID)", "error": "\(error)"])
    }

    private func noteOrphan(_ disabling: PendingDisabling, _ app: SentryApp) {
        if orphans.count >= AutoDisabler.memoryLimit { orphans = [] }
        guard orphans.insert(app.id).inserted else { return }
        log.error(
            "an app cannot be disabled: its organization does not exist",
            metadata: ["sentryapp_slug": "\(app.slug)", "org_id": "\(disabling.organizationID)"])
    }

    private func completeSteps(now: Timestamp) throws(RedisError) {
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
                if failedNotices.insert(notice.id).inserted {
                    log.warning(
                        "the steps after disabling an app failed; they will be retried",
                        metadata: ["app_id": "\(notice.appID)", "error": "\(error)"])
                }
                if case .directory(.unavailable) = error { break }
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
