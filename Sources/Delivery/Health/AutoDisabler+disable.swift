import Buffer
import Directory
import Logging
package import Model
import Queue
package import Redis
import WireJSON

extension AutoDisabler {
    /// Notices that one call looks at.
    private static let noticeLimit = 100

    /// Disables an app in one transaction with its audit entry and the notice of what is still to follow, unless
    /// another monitor did.
    ///
    /// When the directory fails the disabling is owed, and the next `completeDisablings` tries again.
    func disable(_ disabling: Disabling, now: Timestamp) {
        let app = disabling.app
        do {
            guard let organization = try directory.organization(id: disabling.organizationID) else {
                owed[app.id] = nil
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
            owed[app.id] = nil
        } catch {
            if owed.count < AutoDisabler.memoryLimit { owed[app.id] = disabling }
            log.error(
                "a broken app could not be disabled; it will be tried again",
                metadata: ["sentryapp_slug": "\(app.slug)", "error": "\(error)"])
        }
    }

    private func noteOrphan(_ disabling: Disabling) {
        if orphans.count >= AutoDisabler.memoryLimit { orphans = [] }
        guard orphans.insert(disabling.app.id).inserted else { return }
        log.error(
            "a broken app cannot be disabled: its organization is gone",
            metadata: ["sentryapp_slug": "\(disabling.app.slug)", "org_id": "\(disabling.organizationID)"])
    }

    package func completeDisablings(now: Timestamp) throws(RedisError) {
        for disabling in owed.values { disable(disabling, now: now) }
        isCompletionDue = false
        let notices: [DisablingNotice]
        do {
            notices = try directory.pendingNotices(limit: AutoDisabler.noticeLimit)
            isDirectoryDown = false
        } catch {
            if !isDirectoryDown {
                log.error("cannot read which disablings are to be completed", metadata: ["error": "\(error)"])
            }
            isDirectoryDown = true
            return
        }
        var failure: RedisError?
        for notice in notices {
            do {
                try complete(notice, now: now)
            } catch {
                if case .buffer(let error) = error { failure = error }
                log.warning(
                    "a disabling is not completed yet; it will be tried again",
                    metadata: ["app_id": "\(notice.appID)", "error": "\(error)"])
            }
        }
        if let failure { throw failure }
    }

    /// What follows from a disabling. Each step may be done twice and leaves nothing twice; the notice goes last.
    private func complete(_ notice: DisablingNotice, now: Timestamp) throws(AutoDisableError) {
        let key = FailureCountKey(appID: notice.appID, organizationID: notice.organizationID)
        let app = try AutoDisableError.looked { () throws(DirectoryError) in try directory.app(id: notice.appID) }
        let organization = try AutoDisableError.looked { () throws(DirectoryError) in
            try directory.organization(id: notice.organizationID)
        }
        // The date beside the id: a directory that was made anew counts from 1 again, and Redis may remember.
        let name = "disabled:\(notice.id):\(notice.date.microseconds)"
        if let app, let organization {
            let change = OwnerMails.Change(kind: .disabled, key: name, reason: notice.reason, date: notice.date)
            try mails.send(change, app: app, organization: organization)
        }
        try AutoDisableError.buffered { () throws(RedisError) in
            try health.clear(key, at: now)
            try forgetWarnings(of: key)
            // Another monitor may complete the same notice at the same time.
            let transition = StateTransition(appID: notice.appID, kind: "disabled", id: name)
            if try transitions.claim(transition, owner: "monitor", lifetimeSeconds: 7 * 86400) {
                tell(notice, app: app)
            }
        }
        try AutoDisableError.looked { () throws(DirectoryError) in try directory.completeNotice(id: notice.id) }
    }

    private func tell(_ notice: DisablingNotice, app: SentryApp?) {
        metrics.countDisabled()
        log.info(
            "sentryapp.disabled",
            metadata: [
                "sentryapp_webhook": "\((app?.webhookURL ?? "").withoutUser)",
                "sentryapp_slug": "\(app?.slug ?? "")", "sentryapp_uuid": "\(app?.uuid ?? "")",
                "org_id": "\(notice.organizationID)", "reason": "\(notice.reason)",
            ])
    }
}
