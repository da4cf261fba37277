package import Model
import System
import WebhookRules

/// The content of a mail to an owner about an app whose webhooks fail (docs/protocol.md 7.7).
package struct AutoDisableNotice: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The app was disabled: it gets no more events.
        case disabled
        /// A target of the app's relay was disabled: it gets no more webhooks.
        case targetDisabled
        /// The failures have reached this percentage of the limit at which the app is disabled.
        case warning(percent: Int)
        /// The app's circuit breaker has opened: nothing is sent until then.
        case breakerOpened(until: Timestamp)
        /// Nothing was sent to the app since then, for days.
        case silent(since: Timestamp)

        /// The names of the template files, without their extensions.
        package var templateName: String {
            switch self {
            case .disabled: "integration-disabled"
            case .targetDisabled: "relay-target-disabled"
            case .warning: "integration-warning"
            case .breakerOpened: "integration-breaker"
            case .silent: "integration-silent"
            }
        }
    }

    /// The pages that mails link to.
    package enum Links: String, Hashable, Sendable, CaseIterable {
        /// The platform's settings of the app, as in the original's mails.
        case platform
        /// Hookline's own page of the app, on a site without the platform's pages.
        case dashboard
    }

    package var kind: Kind
    package var appName: String
    package var appSlug: String
    package var organizationSlug: String
    /// That of the target where it is about one.
    package var webhookURL: String
    /// The target of the app's relay that it is about; empty = it is about the app.
    package var target = ""
    /// URL of the platform, or of the site with Hookline's pages, without a slash at its end:
    /// `https://sentry.example.com`.
    package var baseURL: String
    package var links: Links
    /// Why it was disabled, continuing "Its webhook", or why it is silent; empty for the other kinds.
    package var reason: String
    /// From when on the next failed attempt disables it, if nothing succeeds before; nil when that is not known.
    package var disablesAt: Timestamp?
    /// What this program is called.
    package var productName = PlatformNames.default.product

    package init(
        kind: Kind, appName: String, appSlug: String, organizationSlug: String, webhookURL: String,
        baseURL: String, links: Links = .platform, reason: String = "", disablesAt: Timestamp? = nil
    ) {
        self.kind = kind
        self.appName = appName
        self.appSlug = appSlug
        self.organizationSlug = organizationSlug
        self.webhookURL = webhookURL
        self.baseURL = baseURL
        self.links = links
        self.reason = reason
        self.disablesAt = disablesAt
    }

    /// The placeholders of templates.
    package enum Value: String, CaseIterable, Sendable {
        /// The app's name in title case: `My App`.
        case appName = "integration_name"
        /// The app's slug, by which `hookline app enable` knows it.
        case appSlug = "integration_slug"
        case organization
        /// The target of the app's relay; empty where it is about the app.
        case target
        /// Without user name and password.
        case webhookURL = "webhook_url"
        /// The page with the app's settings.
        case settingsURL = "settings_url"
        /// The page with the app's request log.
        case dashboardURL = "dashboard_url"
        /// Of a warning; otherwise empty.
        case percent
        /// Why it was disabled, continuing "Its webhook", or why it is silent, without a full stop; otherwise empty.
        case reason
        /// Of a warning: a sentence that says when the app will be disabled; otherwise empty.
        case outlook
        /// The name of this program.
        case product
        /// Of an open circuit breaker: when it closes; otherwise empty.
        case until
        /// Of a silent app: the time of the last request; otherwise empty.
        case since
    }

    package func text(of value: Value) -> String {
        switch value {
        case .appName:
            target.isEmpty || kind == .targetDisabled ? appName.titleCased : "\(appName.titleCased) (target \(target))"
        case .target: target
        case .appSlug: appSlug
        case .organization: organizationSlug
        case .webhookURL: webhookURL.withoutCredentials
        case .settingsURL: page("")
        case .dashboardURL: page("dashboard/")
        case .percent:
            switch kind {
            case .warning(let percent): "\(percent)"
            case .disabled, .targetDisabled, .breakerOpened, .silent: ""
            }
        case .until:
            switch kind {
            case .breakerOpened(let end): end.minuteDescription
            case .disabled, .targetDisabled, .warning, .silent: ""
            }
        case .since:
            switch kind {
            case .silent(let last): last.minuteDescription
            case .disabled, .targetDisabled, .warning, .breakerOpened: ""
            }
        case .product: productName
        case .reason: reason
        case .outlook:
            switch kind {
            case .warning:
                disablesAt.map {
                    "If no webhook succeeds, the first one that fails after \($0.minuteDescription) disables it."
                }
                    ?? "At 100% it is disabled."
            case .disabled, .targetDisabled, .breakerOpened, .silent: ""
            }
        }
    }

    /// - Parameter part: of the platform's pages of an app; Hookline has one page with everything.
    private func page(_ part: String) -> String {
        switch links {
        case .platform:
            "\(baseURL)/settings/\(organizationSlug)/developer-settings/\(appSlug)/\(part)"
                + "?referrer=disabled-sentry-app"
        case .dashboard: "\(baseURL)/app.html?app=\(PercentCoding.encodedFormField(appSlug))"
        }
    }
}

extension Timestamp {
    /// For mails: `2024-03-07 12:00 UTC`.
    var minuteDescription: String { pythonDescription.prefix(16) + " UTC" }
}

extension String {
    /// Python's `str.title()`: each run of letters starts with an upper-case letter, followed by lower-case ones.
    var titleCased: String {
        var isInside = false
        return map { character -> String in
            defer { isInside = character.isCased || character.isLetter }
            return isInside ? character.lowercased() : character.uppercased()
        }.joined()
    }

    /// A URL without user name and password.
    var withoutCredentials: String {
        guard let scheme = end(ofFirst: "://") else { return self }
        let authority = self[scheme...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@") else { return self }
        return String(self[..<scheme] + self[index(after: at)...])
    }

    /// The index after the first occurrence of a separator.
    fileprivate func end(ofFirst separator: String) -> Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(separator) { return self.index(index, offsetBy: separator.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
