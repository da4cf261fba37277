package import Directory
package import Model

/// A change of the settings of an app that Hookline keeps.
package struct SettingsChange {
    /// Nil = as it is; nil inside = none of the app's own.
    package var policy: DeliveryPolicyName??
    package var timeout: Int??
    package var headers: [SentryApp.CustomHeader]
    package var removedHeaders: [String]

    package init(
        policy: DeliveryPolicyName?? = nil, timeout: Int?? = nil, headers: [SentryApp.CustomHeader] = [],
        removedHeaders: [String] = []
    ) {
        self.policy = policy
        self.timeout = timeout
        self.headers = headers
        self.removedHeaders = removedHeaders
    }

    /// - Throws: when a header is named twice, or what is to be removed is no name; no message
    ///   contains that, which may be a value.
    package func check() throws(SettingsRefusal) {
        guard removedHeaders.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(SentryApp.CustomHeader.isTokenByte) })
        else {
            throw SettingsRefusal(.removedHeader, "give the header's name alone")
        }
        var names = Set<String>()
        for name in headers.map(\.name) + removedHeaders where !names.insert(name.lowercased()).inserted {
            throw SettingsRefusal(.headers, "the header \(name) is named twice")
        }
    }

    /// - Returns: what it has changed, without values of headers.
    package func apply(to settings: inout AppSettings) throws(SettingsRefusal) -> [String] {
        var changes: [String] = []
        if let policy, policy != settings.deliveryPolicy {
            settings.deliveryPolicy = policy
            changes.append("policy \(policy?.rawValue ?? "default")")
        }
        if let timeout, timeout != settings.webhookTimeoutMilliseconds {
            settings.webhookTimeoutMilliseconds = timeout
            changes.append("timeout \(timeout.map { "\($0) ms" } ?? "default")")
        }
        for name in removedHeaders {
            try remove(name, from: &settings)
            changes.append("without header \(name)")
        }
        for header in headers where set(header, in: &settings) { changes.append("header \(header.name)") }
        if let problem = SentryApp.CustomHeader.problem(ofAll: settings.headers) {
            throw SettingsRefusal(.headers, "with these headers, the app \(problem)")
        }
        return changes
    }

    private func remove(_ name: String, from settings: inout AppSettings) throws(SettingsRefusal) {
        let isNamed = { (other: String) in other.lowercased() == name.lowercased() }
        guard let index = settings.headers.firstIndex(where: { isNamed($0.name) }) else {
            let isForeign = settings.foreignHeaderNames.contains(where: isNamed)
            throw SettingsRefusal(
                .removedHeader,
                isForeign
                    ? "the header \(name) is Sentry's, and only Sentry removes it"
                    : "the app has no header \"\(name)\"")
        }
        settings.headers.remove(at: index)
    }

    /// Adds the header, or replaces one of the same name; false when it is there already.
    private func set(_ header: SentryApp.CustomHeader, in settings: inout AppSettings) -> Bool {
        guard let index = settings.headers.firstIndex(where: { $0.name.lowercased() == header.name.lowercased() })
        else {
            settings.headers.append(header)
            return true
        }
        guard settings.headers[index] != header else { return false }
        settings.headers[index] = header
        return true
    }
}
