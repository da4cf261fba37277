import CSodium
import Directory
import Logging
import Model
import Queue
import Redis

/// Queues mails to the owners of an app: one mail to each owner for each change of state.
final class OwnerMails {
    /// A change that owners are notified of.
    struct Change {
        var kind: AutoDisableNotice.Kind
        /// Identifies the change.
        var key: String
        var reason = ""
        /// The target of the app's relay that it is about; nil: the app.
        var target: String?
        /// Of that target, in place of the app's.
        var webhookURL: String?
        /// See `AutoDisableNotice`.
        var disablesAt: Timestamp?
        var date: Timestamp
    }

    private struct Recipient {
        var user: User
        var organization: Organization
    }

    private let directory: any DeliveryDirectory
    private let queue: DeliveryQueue?
    private let baseURL: String
    private let links: AutoDisableNotice.Links
    private let log: Logger

    /// - Parameter queue: nil when there is no mail server: a warning is logged instead of mails.
    init(
        directory: any DeliveryDirectory, queue: DeliveryQueue?, baseURL: String, links: AutoDisableNotice.Links,
        log: Logger
    ) {
        self.directory = directory
        self.queue = queue
        self.baseURL = baseURL
        self.links = links
        self.log = log
    }

    /// Queues the mails of a change. Mails that were queued before are not queued again, so that the call can be
    /// repeated until it succeeds.
    func send(_ change: Change, app: SentryApp, organization: Organization) throws(AutoDisableError) {
        let recipients = try recipients(app: app, organization: organization)
        guard queue != nil else {
            log.warning(
                "no mail server is configured: the app's owners are not notified",
                metadata: metadata(of: change, app, organization, recipients.count))
            return
        }
        if recipients.isEmpty {
            log.warning(
                "an app has no owner to notify", metadata: metadata(of: change, app, organization, 0))
        }
        for recipient in recipients { try enqueue(change, app: app, to: recipient) }
    }

    /// The owners of the organization that owns the app and of the one whose installation failed; they differ for
    /// published apps only. An owner of both gets one mail, with links to the first one's pages.
    private func recipients(
        app: SentryApp, organization: Organization
    ) throws(AutoDisableError) -> [Recipient] {
        var organizations = [organization]
        if app.ownerID != organization.id {
            let owner = try AutoDisableError.directory { () throws(DirectoryError) in
                try directory.organization(id: app.ownerID)
            }
            organizations = [owner].compactMap { $0 } + organizations
        }
        var recipients: [Recipient] = []
        for organization in organizations {
            let owners = try AutoDisableError.directory { () throws(DirectoryError) in
                try directory.owners(organizationID: organization.id)
            }
            for user in owners where !recipients.contains(where: { $0.user.id == user.id }) {
                recipients.append(Recipient(user: user, organization: organization))
            }
        }
        return recipients
    }

    private func enqueue(_ change: Change, app: SentryApp, to recipient: Recipient) throws(AutoDisableError) {
        guard let queue else { return }
        guard (try? MailAddress(recipient.user.email)) != nil else {
            log.warning(
                "an owner has no valid mail address",
                metadata: ["user_id": "\(recipient.user.id)", "sentryapp_slug": "\(app.slug)"])
            return
        }
        let key = "\(change.key):\(recipient.user.id)"
        let id = OwnerMails.identifier(key)
        var notice = AutoDisableNotice(
            kind: change.kind, appName: app.name, appSlug: app.slug,
            organizationSlug: recipient.organization.slug, webhookURL: change.webhookURL ?? app.webhookURL ?? "",
            baseURL: baseURL, links: links, reason: change.reason, disablesAt: change.disablesAt)
        notice.target = change.target ?? ""
        let mail = QueuedMail(
            notice: notice, recipient: recipient.user.email, recipientName: recipient.user.name, messageID: id)
        let entry = QueueEntry(
            id: id, appID: app.id, event: change.kind.event, enqueuedAt: change.date, payload: mail.bytes)
        let result = try AutoDisableError.redis { () throws(RedisError) in
            try queue.enqueue(entry, idempotencyKey: key)
        }
        switch result {
        case .accepted, .duplicate: return
        case .full(let limit): throw .mailQueueFull(depth: limit.used, bound: limit.bound)
        case .tooLarge(let what, let bytes, let limit):
            log.error(
                "a mail is too large for the mail queue",
                metadata: [
                    "what": "\(what)", "bytes": "\(bytes)", "limit": "\(limit)", "sentryapp_slug": "\(app.slug)",
                ])
        }
    }

    private func metadata(
        of change: Change, _ app: SentryApp, _ organization: Organization, _ count: Int
    ) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "mail": "\(change.kind.templateName)", "sentryapp_slug": "\(app.slug)",
            "sentryapp_webhook": "\((app.webhookURL ?? "").withoutCredentials)", "org_id": "\(organization.id)",
            "owners": "\(count)",
        ]
        if let target = change.target { metadata["target"] = "\(target)" }
        if !change.reason.isEmpty { metadata["reason"] = "\(change.reason)" }
        if case .warning(let percent) = change.kind { metadata["percent"] = "\(percent)" }
        return metadata
    }

    /// The id of a mail, derived from its key: 32 hexadecimal digits.
    static func identifier(_ key: String) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let bytes = Array(key.utf8)
        var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256(&hash, bytes, UInt64(bytes.count))
        return String(
            decoding: hash.prefix(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension AutoDisableNotice.Kind {
    /// The event of the queue's entry.
    fileprivate var event: EventType {
        switch self {
        case .disabled: "integration.disabled"
        case .targetDisabled: "integration.target_disabled"
        case .warning: "integration.warning"
        case .breakerOpened: "integration.breaker_opened"
        case .silent: "integration.silent"
        }
    }
}
