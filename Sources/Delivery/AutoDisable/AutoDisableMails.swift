package import Model
import WebhookRules

/// Makes the mails about failing and silent apps from the template files of a folder: a `.subject`, a `.txt` and an
/// `.html` file for each kind of mail.
package struct AutoDisableMails: Sendable {
    private struct Templates: Sendable {
        let subject: MailTemplate<AutoDisableNotice.Value>
        let text: MailTemplate<AutoDisableNotice.Value>
        let html: MailTemplate<AutoDisableNotice.Value>

        init(directory: String, name: String) throws(MailTemplateError) {
            let path = "\(directory)/\(name)"
            subject = try Self.template(path + ".subject", .none)
            text = try Self.template(path + ".txt", .none)
            html = try Self.template(path + ".html", .html)
        }

        private static func template(
            _ path: String, _ escaping: MailTemplate<AutoDisableNotice.Value>.Escaping
        ) throws(MailTemplateError) -> MailTemplate<AutoDisableNotice.Value> {
            try MailTemplate(parsing: MailTemplateFile.read(path), file: path, escaping: escaping)
        }
    }

    private let disabled: Templates
    private let warning: Templates
    private let breaker: Templates
    private let silent: Templates
    private let targetDisabled: Templates
    private let productName: String

    /// Reads all templates, so that an invalid one is found at the start.
    ///
    /// - Parameter productName: what mails call this program.
    package init(
        templatesDirectory: String, productName: String = PlatformNames.default.product
    ) throws(MailTemplateError) {
        self.productName = productName
        disabled = try Templates(
            directory: templatesDirectory, name: AutoDisableNotice.Kind.disabled.templateName)
        warning = try Templates(
            directory: templatesDirectory, name: AutoDisableNotice.Kind.warning(percent: 0).templateName)
        breaker = try Templates(
            directory: templatesDirectory,
            name: AutoDisableNotice.Kind.breakerOpened(until: Timestamp(seconds: 0)).templateName)
        targetDisabled = try Templates(
            directory: templatesDirectory, name: AutoDisableNotice.Kind.targetDisabled.templateName)
        silent = try Templates(
            directory: templatesDirectory,
            name: AutoDisableNotice.Kind.silent(since: Timestamp(seconds: 0)).templateName)
    }

    /// The mail to one owner.
    ///
    /// - Parameter id: see `MailMessage.id`.
    package func message(
        _ notice: AutoDisableNotice, from: MailAddress, to: MailAddress, date: Timestamp, id: String
    ) -> MailMessage {
        var notice = notice
        notice.productName = productName
        let templates =
            switch notice.kind {
            case .disabled: disabled
            case .targetDisabled: targetDisabled
            case .warning: warning
            case .breakerOpened: breaker
            case .silent: silent
            }
        return MailMessage(
            from: from, to: to, subject: templates.subject.render(notice.text).trimmed,
            text: templates.text.render(notice.text), html: templates.html.render(notice.text), date: date, id: id,
            listID: "integrations.\(from.domain)")
    }
}

extension String {
    /// Without whitespace at the ends.
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
