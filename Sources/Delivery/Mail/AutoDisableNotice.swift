/// What an owner is told about an integration whose webhooks fail (contract 7.7).
package struct AutoDisableNotice: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The integration gets no more events.
        case disabled
        /// So many per cent of what disables it have been reached.
        case warning(percent: Int)

        /// The first part of the names of its template files.
        package var templateName: String {
            switch self {
            case .disabled: "integration-disabled"
            case .warning: "integration-warning"
            }
        }
    }

    package var kind: Kind
    package var integrationName: String
    package var appSlug: String
    package var organizationSlug: String
    package var webhookURL: String
    /// Of the platform's pages, without a slash at its end: `https://sentry.example.com`.
    package var baseURL: String
    /// Why it was disabled, as the rest of "Its webhook …"; empty for a warning.
    package var reason: String

    package init(
        kind: Kind, integrationName: String, appSlug: String, organizationSlug: String, webhookURL: String,
        baseURL: String, reason: String = ""
    ) {
        self.kind = kind
        self.integrationName = integrationName
        self.appSlug = appSlug
        self.organizationSlug = organizationSlug
        self.webhookURL = webhookURL
        self.baseURL = baseURL
        self.reason = reason
    }

    /// The values that templates have places for.
    package enum Value: String, CaseIterable, Sendable {
        /// With capitals: `My Integration`.
        case integrationName = "integration_name"
        case organization
        /// Without user name and password.
        case webhookURL = "webhook_url"
        /// The page with the integration's settings.
        case settingsURL = "settings_url"
        /// The page with the integration's request log.
        case dashboardURL = "dashboard_url"
        /// Of a warning; empty otherwise.
        case percent
        /// Why it was disabled, in words that go on after "Its webhook"; empty in a warning.
        case reason
    }

    package func text(of value: Value) -> String {
        switch value {
        case .integrationName: integrationName.titleCased
        case .organization: organizationSlug
        case .webhookURL: webhookURL.withoutUser
        case .settingsURL: settingsPage + "?referrer=disabled-sentry-app"
        case .dashboardURL: settingsPage + "dashboard/?referrer=disabled-sentry-app"
        case .percent:
            switch kind {
            case .warning(let percent): "\(percent)"
            case .disabled: ""
            }
        case .reason: reason
        }
    }

    private var settingsPage: String {
        "\(baseURL)/settings/\(organizationSlug)/developer-settings/\(appSlug)/"
    }
}

extension String {
    /// Python's `str.title()` for names: a capital at the beginning of each run of letters, small ones behind it.
    var titleCased: String {
        var isInside = false
        return map { character -> String in
            defer { isInside = character.isCased || character.isLetter }
            return isInside ? character.lowercased() : character.uppercased()
        }.joined()
    }

    /// A URL without the user name and password in it.
    var withoutUser: String {
        guard let scheme = end(ofFirst: "://") else { return self }
        let authority = self[scheme...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@") else { return self }
        return String(self[..<scheme] + self[index(after: at)...])
    }

    /// The index just behind the first occurrence of a separator.
    fileprivate func end(ofFirst separator: String) -> Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(separator) { return self.index(index, offsetBy: separator.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
