import Model

/// Reading rows whose columns are those of `DirectoryQuery.Columns`.
extension SQLiteStatement {
    func organization() throws(DirectoryError) -> Organization {
        guard let status = Organization.Status(rawValue: Int(integer(3))) else {
            throw .corrupt(table: "organizations", reason: "organization \(integer(0)) has status \(integer(3))")
        }
        return Organization(id: integer(0), slug: text(1), name: text(2), status: status)
    }

    func user() -> User {
        User(
            id: integer(0), username: text(1), email: text(2), name: text(3), isActive: flag(4), isSuperuser: flag(5),
            isSentryApp: flag(6))
    }

    /// Columns `role, team_roles`.
    func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership {
        var roles: [Role] = []
        for name in [text(0)] + words(1) {
            guard let role = Role(rawValue: name) else {
                throw .corrupt(
                    table: "memberships",
                    reason: "user \(userID) has the role \"\(name)\" in organization \(organizationID)")
            }
            roles.append(role)
        }
        return Membership(
            userID: userID, organizationID: organizationID, role: roles[0], teamRoles: Array(roles.dropFirst()))
    }

    func token() throws(DirectoryError) -> APIToken {
        guard let digest = TokenDigest(rawValue: text(1)) else {
            throw .corrupt(table: "api_tokens", reason: "the SHA-256 of token \(integer(0)) is invalid")
        }
        return APIToken(
            id: integer(0), digest: digest, userID: integer(2),
            scopes: try scopes(3, table: "api_tokens"), name: text(4),
            expiresAt: optionalTimestamp(6), dateAdded: timestamp(5),
            allowedOrigins: optionalText(7).map(SQLiteStatement.words))
    }

    /// An app without its avatars, features, headers and previous secrets, which are in other tables.
    func app() throws(DirectoryError) -> SentryApp {
        guard let status = SentryApp.Status(rawValue: Int(integer(4))) else {
            throw .corrupt(table: "apps", reason: "app \(integer(0)) has status \(integer(4))")
        }
        var secrets = secretReader(appID: integer(0))
        var app = SentryApp(
            id: integer(0), slug: text(1), name: text(2), ownerID: integer(3), status: status, uuid: text(5),
            author: optionalText(6), overview: optionalText(7), webhookURL: optionalText(8),
            redirectURL: optionalText(9), isAlertable: flag(10), verifyInstall: flag(11), events: words(12),
            scopes: try scopes(13, table: "apps"), schemaJSON: text(14), popularity: Int(integer(15)),
            proxyUserID: optionalInteger(16), clientID: text(17),
            clientSecret: try secrets.secret(text(18), .clientSecret) ?? Secret(""),
            allowedOrigins: words(19), dateAdded: timestamp(20), datePublished: optionalTimestamp(21),
            dateDeleted: optionalTimestamp(22))
        app.webhookTimeoutMilliseconds = optionalInteger(23).map { Int($0) }
        app.disablement = optionalTimestamp(24).map {
            SentryApp.Disablement(date: $0, reason: text(25), events: words(26))
        }
        if let name = optionalText(27) {
            guard let policy = DeliveryPolicyName(rawValue: name) else {
                throw .corrupt(table: "apps", reason: "app \(integer(0)) has the delivery policy \"\(name)\"")
            }
            app.deliveryPolicy = policy
        }
        if let key = optionalText(28) { app.signingKey = try secrets.secret(key, .signingKey) }
        if let targets = optionalText(29) { app.relayTargets = try secrets.secret(targets, .relayTargets) }
        app.damagedSecrets = secrets.damaged
        return app
    }

    func installation() throws(DirectoryError) -> Installation {
        guard let status = Installation.Status(rawValue: Int(integer(4))) else {
            throw .corrupt(table: "installations", reason: "installation \(integer(0)) has status \(integer(4))")
        }
        return Installation(
            id: integer(0), appID: integer(1), organizationID: integer(2), uuid: text(3), status: status,
            dateAdded: timestamp(5), dateDeleted: optionalTimestamp(6))
    }

    /// A hook without its projects, which are in another table.
    func serviceHook() -> ServiceHook {
        ServiceHook(
            id: integer(0), installationID: integer(1), organizationID: integer(2), url: text(3), events: words(4))
    }

    func auditEntry() -> AuditEntry {
        AuditEntry(
            id: integer(0), organizationID: integer(1), event: Int(integer(2)), actorID: optionalInteger(3),
            actorLabel: text(4), targetObject: optionalInteger(5), dataJSON: text(6), date: timestamp(7))
    }

    /// Columns `id, slug, organization_id`.
    func project() -> Project {
        Project(id: integer(0), slug: text(1), organizationID: integer(2))
    }

    func component() -> SentryAppComponent {
        SentryAppComponent(id: integer(0), appID: integer(1), type: text(2), schemaJSON: text(3))
    }

    /// Columns `type, uuid, is_color`.
    func avatar() -> SentryApp.Avatar {
        SentryApp.Avatar(type: text(0), uuid: text(1), isColor: flag(2))
    }

    /// Columns `id, gate, description`.
    func feature() -> SentryApp.Feature {
        SentryApp.Feature(id: integer(0), gate: text(1), description: text(2))
    }

    func timestamp(_ column: Int32) -> Timestamp {
        Timestamp(microseconds: integer(column))
    }

    func optionalTimestamp(_ column: Int32) -> Timestamp? {
        optionalInteger(column).map(Timestamp.init(microseconds:))
    }

    /// The words of a list column.
    func words(_ column: Int32) -> [String] {
        SQLiteStatement.words(text(column))
    }

    private static func words(_ text: String) -> [String] {
        text.split(separator: " ").map(String.init)
    }

    private func scopes(_ column: Int32, table: String) throws(DirectoryError) -> ScopeSet {
        var scopes = ScopeSet()
        for name in words(column) {
            guard let scope = Scope(rawValue: name) else {
                throw .corrupt(table: table, reason: "row \(integer(0)) has the scope \"\(name)\"")
            }
            scopes.formUnion(ScopeSet(scope))
        }
        return scopes
    }
}
