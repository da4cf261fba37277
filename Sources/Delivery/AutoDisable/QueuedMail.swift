import Model
import WireJSON

/// The payload of an entry of the mail queue: one mail about an app to one owner, encoded as a JSON object.
package struct QueuedMail: Hashable, Sendable {
    /// Its webhook URL is stored without user name and password.
    package var notice: AutoDisableNotice
    /// The recipient's address, valid as a `MailAddress`.
    package var recipient: String
    /// The recipient's display name; may be empty.
    package var recipientName: String
    /// For the `Message-ID`: the same for each attempt, and for the same mail if it is queued twice.
    package var messageID: String

    package init(notice: AutoDisableNotice, recipient: String, recipientName: String, messageID: String) {
        self.notice = notice
        self.notice.webhookURL = notice.webhookURL.withoutCredentials
        self.recipient = recipient
        self.recipientName = recipientName
        self.messageID = messageID
    }

    package var bytes: [UInt8] {
        var members: [JSONValue.Member] = []
        switch notice.kind {
        case .disabled: members.append(.init(name: "kind", value: .string("disabled")))
        case .targetDisabled: members.append(.init(name: "kind", value: .string("target_disabled")))
        case .warning(let percent):
            members.append(.init(name: "kind", value: .string("warning")))
            members.append(.init(name: "percent", value: .number(String(percent))))
        case .breakerOpened(let end):
            members.append(.init(name: "kind", value: .string("breaker_opened")))
            members.append(.init(name: "until", value: .number(String(end.seconds))))
        case .silent(let last):
            members.append(.init(name: "kind", value: .string("silent")))
            members.append(.init(name: "since", value: .number(String(last.seconds))))
        }
        members += [
            ("app_name", notice.appName), ("app_slug", notice.appSlug),
            ("organization_slug", notice.organizationSlug), ("webhook_url", notice.webhookURL),
            ("base_url", notice.baseURL), ("links", notice.links.rawValue), ("reason", notice.reason),
            ("recipient", recipient),
            ("recipient_name", recipientName), ("message_id", messageID),
        ].map { .init(name: $0, value: .string($1)) }
        if !notice.target.isEmpty { members.append(.init(name: "target", value: .string(notice.target))) }
        if let date = notice.disablesAt {
            members.append(.init(name: "disables_at", value: .number(String(date.microseconds))))
        }
        return JSONValue.object(members).serialized(escaping: .ascii)
    }

    /// Decodes `bytes`; nil when they are invalid.
    package init?(bytes: [UInt8]) {
        guard let json = try? JSONValue(parsing: bytes), let kind = QueuedMail.kind(json),
            let name = json["app_name"]?.string, let slug = json["app_slug"]?.string,
            let organization = json["organization_slug"]?.string, let url = json["webhook_url"]?.string,
            let base = json["base_url"]?.string, let recipient = json["recipient"]?.string,
            let messageID = json["message_id"]?.string
        else { return nil }
        self.init(
            notice: AutoDisableNotice(
                kind: kind, appName: name, appSlug: slug, organizationSlug: organization, webhookURL: url,
                baseURL: base, links: json["links"]?.string.flatMap(AutoDisableNotice.Links.init) ?? .platform,
                reason: json["reason"]?.string ?? "",
                disablesAt: json["disables_at"]?.integer.map { Timestamp(microseconds: $0) }),
            recipient: recipient, recipientName: json["recipient_name"]?.string ?? "", messageID: messageID)
        notice.target = json["target"]?.string ?? ""
    }

    private static func kind(_ json: JSONValue) -> AutoDisableNotice.Kind? {
        switch json["kind"]?.string {
        case "disabled": .disabled
        case "target_disabled": .targetDisabled
        case "warning": json["percent"]?.integer.map { .warning(percent: Int($0)) }
        case "breaker_opened": json["until"]?.integer.map { .breakerOpened(until: Timestamp(seconds: $0)) }
        case "silent": json["since"]?.integer.map { .silent(since: Timestamp(seconds: $0)) }
        default: nil
        }
    }
}
