package import Directory

/// Something that does not work because the database's role lacks rights, or the database lacks tables.
package struct PostgreSQLFinding: Hashable, Sendable, CustomStringConvertible {
    /// What needs the rights.
    package enum Feature: String, CaseIterable, Sendable {
        /// Every request needs it.
        case requests
        case tokens
        case apiKeys = "API keys"
        case organizationTokens = "organization tokens"
        case sessions
        case details = "app details"
        case delivery
        case disabling
        case eventLinks = "event links"

        /// What does not work without it.
        package var effect: String {
            switch self {
            case .requests: "no request can be answered"
            case .tokens: "requests with a bearer token fail"
            case .apiKeys: "requests with an API key fail"
            case .organizationTokens: "requests with an organization token fail"
            case .sessions: "users cannot be identified by Sentry's session cookie (HOOKLINE_SESSION_SECRET_FILE)"
            case .details: "the details of an app cannot be shown"
            case .delivery: "webhooks cannot be sent"
            case .disabling: "apps can be neither disabled nor enabled"
            case .eventLinks: "the log does not link to errors"
            }
        }

        /// Whether an installation may do without it: its requests still succeed, or nobody makes them.
        package var isOptional: Bool {
            switch self {
            case .requests, .tokens, .details: false
            case .apiKeys, .organizationTokens, .sessions, .delivery, .disabling, .eventLinks: true
            }
        }

        var lookUps: [LookUp] {
            switch self {
            case .requests:
                [
                    .appBySlug, .appByProxyUser, .components, .userByLogin, .userByID, .membership, .organizationByID,
                    .organizationBySlug, .project, .hasInstallation, .installationStatistics,
                ]
            case .tokens: [.token]
            case .apiKeys: [.apiKey]
            case .organizationTokens: [.organizationToken]
            case .sessions: [.sessionUser]
            case .details: [.memberCopy, .organizationCopy]
            case .delivery: [.appByID, .installationByUUID, .serviceHook, .projectBySlug, .owners]
            case .disabling: [.pendingNotices]
            case .eventLinks: [.issueNode, .issueGroup]
            }
        }
    }

    package var feature: Feature
    /// What is missing: `public.auth_user.password`.
    package var objects: [String]
    /// The statements, or commands, that an administrator can execute.
    package var remedies: [String]

    package var description: String {
        "\(feature.rawValue): \(feature.effect), for lack of \(objects.joined(separator: ", ")); an administrator can "
            + "execute: \(remedies.joined(separator: "; "))"
    }
}

extension PostgreSQLDirectory {
    /// What does not work with the rights of this role, in the order of `Feature`; asked from the database each time.
    ///
    /// - Throws: when the database cannot be asked, or is no directory at all.
    package func missingRights() throws(DirectoryError) -> [PostgreSQLFinding] {
        let facts = try freshFacts().facts
        guard facts.has(Tables.app) else {
            try check()
            return []
        }
        return PostgreSQLFinding.Feature.allCases.compactMap { facts.finding($0, location: name) }
    }
}

extension TableFacts {
    /// What a feature lacks; nil if nothing.
    fileprivate func finding(_ feature: PostgreSQLFinding.Feature, location: String) -> PostgreSQLFinding? {
        var finding = PostgreSQLFinding(feature: feature, objects: [], remedies: [])
        func add(_ object: String, _ remedy: String) {
            finding.objects.append(object)
            if !finding.remedies.contains(remedy) { finding.remedies.append(remedy) }
        }
        let unreadable = unreadableColumns(of: feature.lookUps)
        for (table, columns) in unreadable.sorted(by: { $0.key < $1.key }) {
            for column in columns { add("\(table).\(column)", readGrant(table, columns: columns)) }
        }
        if feature == .disabling {
            if mayUseHookline == nil { add("the schema hookline", "hookline directory migrate") }
            if mayUseHookline == false {
                add("the schema hookline", "GRANT USAGE ON SCHEMA hookline TO \(quotedRole)")
            }
            if case .missingRight(_, let object, let grant) = DirectoryChange.missingRight(self, location: location) {
                add(object, grant)
            }
        }
        return finding.objects.isEmpty ? nil : finding
    }

    /// The columns that look-ups need, that exist, and that this role may not read; in the order of the statements.
    private func unreadableColumns(of lookUps: [LookUp]) -> [String: [String]] {
        var unreadable: [String: [String]] = [:]
        for entry in lookUps.flatMap({ $0.columns(self) }) {
            for name in entry.names(in: self) where tables[entry.table]?.columns[name]?.isReadable == false {
                if unreadable[entry.table]?.contains(name) == true { continue }
                unreadable[entry.table, default: []].append(name)
            }
        }
        return unreadable
    }
}
