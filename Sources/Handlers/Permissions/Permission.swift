import Directory
import Model

/// A rule about who may use an endpoint (docs/protocol.md 5.5).
protocol Permission: SendableMetatype {
    /// Before the app is looked up, so that outsiders cannot find out which slugs exist. Fails with 401 or 403.
    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure)

    /// After the app was looked up. Fails with 403 or, for endpoints that hide apps, with 404.
    static func admit(_ caller: Caller, method: Method, to app: SentryApp, access: AppAccess) throws(HTTPFailure)
}

extension ScopeSet {
    /// Reading an organization's apps requires any one of these.
    static let organizationReaders = ScopeSet([.orgRead, .orgIntegrations, .orgWrite, .orgAdmin])
}

extension Caller {
    /// Fails unless the caller is a user, or a token or key with one of `scopes`; without any, no token or key is
    /// enough.
    func require(anyOf scopes: ScopeSet) throws(HTTPFailure) {
        switch self {
        case .anonymous: throw .notAuthenticated
        case .user: return
        case .token(let token, _, _):
            if token.scopes.isDisjoint(with: scopes) { throw .missingScope(of: scopes) }
        case .organizationToken: throw .missingScope(of: scopes)
        case .apiKey(let key):
            if key.scopes.isDisjoint(with: scopes) { throw .forbidden }
        }
    }
}

/// The rule of the interactions and the statistics, and of the request log up to 26.8: reading is for the owning
/// organization, whatever the app's status; posting is for every signed-in user and never for a token (docs/protocol.md
/// 5.5).
enum StatisticsPermission: Permission {
    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        try caller.require(anyOf: method == "GET" || method == "HEAD" ? .organizationReaders : [])
    }

    static func admit(_ caller: Caller, method: Method, to app: SentryApp, access: AppAccess) throws(HTTPFailure) {
        if caller.isActiveSuperuser || method == .post { return }
        if try access.scopes(of: caller, in: app.ownerID).isDisjoint(with: .organizationReaders) { throw .forbidden }
    }
}

/// The rule of the request log: that of the statistics; in later releases only for those who may change the owning
/// organization, and by a token or key that may (docs/protocol.md 5.5).
enum LogPermission: Permission {
    private static let writers = ScopeSet([.orgWrite, .orgAdmin])

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        try caller.require(anyOf: method == "GET" || method == "HEAD" ? readers(rules) : [])
    }

    static func admit(_ caller: Caller, method: Method, to app: SentryApp, access: AppAccess) throws(HTTPFailure) {
        if caller.isActiveSuperuser { return }
        if try access.scopes(of: caller, in: app.ownerID).isDisjoint(with: readers(access.rules)) { throw .forbidden }
    }

    private static func readers(_ rules: ProtocolRules) -> ScopeSet {
        rules.includes(.logForWriters) ? writers : .organizationReaders
    }
}

/// The rule of an app's details (docs/protocol.md 5.5): published apps are visible to every signed-in user, others only
/// to members of the organization that owns them.
enum DetailsPermission {
    private static let publicReaders = ScopeSet([
        .eventRead, .eventWrite, .eventAdmin, .projectReleases, .projectRead, .orgRead, .memberRead, .teamRead,
    ])

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        try caller.require(anyOf: method == "GET" || method == "HEAD" ? publicReaders : [])
    }

    /// What the caller, if it is a member of the app's owner or an active superuser, is in the owner; nil for everybody
    /// else, who sees a published app only. Fails with 404 or 403 where the app is hidden from the caller.
    static func membership(
        of caller: Caller, in app: SentryApp, access: AppAccess
    ) throws(HTTPFailure) -> (owner: Organization, scopes: ScopeSet)? {
        if caller.isActiveSuperuser {
            return try orUnavailable(access.directory.organizationInCopies(id: app.ownerID)).map { ($0, .all) }
        }
        let isHidden = app.status != .published
        guard let owner = try access.organizationInCopies(id: app.ownerID, ofMember: caller) else {
            guard isHidden else { return nil }
            guard access.rules.includes(.hiddenAppsAreForbidden) else { throw .notFound }
            throw .hiddenApp(organizations: try access.organizationSlugs(of: caller))
        }
        let scopes = try access.scopes(of: caller, in: app.ownerID)
        if isHidden, scopes.isDisjoint(with: .organizationReaders) { throw .forbidden }
        return (owner, scopes)
    }
}

/// A rule that asks for one scope in the organization that owns the app, of users, tokens and keys alike.
protocol OwnerScopePermission: Permission {
    static var scope: Scope { get }
}

extension OwnerScopePermission {
    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        try caller.require(anyOf: ScopeSet(scope))
    }

    static func admit(_ caller: Caller, method: Method, to app: SentryApp, access: AppAccess) throws(HTTPFailure) {
        guard try isGranted(to: caller, for: app, access: access) else { throw .forbidden }
    }

    /// Whether both checks admit the caller.
    static func isGranted(to caller: Caller, for app: SentryApp, access: AppAccess) throws(HTTPFailure) -> Bool {
        try access.ownerScopes(of: caller, for: app).isSuperset(of: ScopeSet(scope))
    }
}

extension AppAccess {
    /// The scopes that a caller has in the organization that owns an app; those of a token or key are no more than its
    /// own. An active superuser has all.
    func ownerScopes(of caller: Caller, for app: SentryApp) throws(HTTPFailure) -> ScopeSet {
        let own = caller.ownScopes ?? .all
        if caller.isActiveSuperuser || own.isEmpty { return own }
        return try scopes(of: caller, in: app.ownerID).intersection(own)
    }
}

/// The rule of redelivery, redriving, test events and enabling: `org:write`.
enum RedeliveryPermission: OwnerScopePermission {
    static let scope = Scope.orgWrite
}

/// The rule of deleting what was sent or is to be sent: `org:admin`.
enum ErasurePermission: OwnerScopePermission {
    static let scope = Scope.orgAdmin
}

/// The rule of dead letters: the log's for reading, redelivery's for redriving, erasure's for deleting.
enum DeadLetterPermission: Permission {
    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        switch method {
        case "GET", "HEAD": try LogPermission.admit(caller, method: method, rules: rules)
        case "DELETE": try ErasurePermission.admit(caller, method: method, rules: rules)
        default: try RedeliveryPermission.admit(caller, method: method, rules: rules)
        }
    }

    static func admit(_ caller: Caller, method: Method, to app: SentryApp, access: AppAccess) throws(HTTPFailure) {
        switch method {
        case .get: try LogPermission.admit(caller, method: method, to: app, access: access)
        case .delete: try ErasurePermission.admit(caller, method: method, to: app, access: access)
        case .post, .put: try RedeliveryPermission.admit(caller, method: method, to: app, access: access)
        }
    }
}

/// The rule of redelivery jobs: the log's for reading, redelivery's for all else.
enum RedeliveryJobPermission: Permission {
    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        switch method {
        case "GET", "HEAD": try LogPermission.admit(caller, method: method, rules: rules)
        default: try RedeliveryPermission.admit(caller, method: method, rules: rules)
        }
    }

    static func admit(_ caller: Caller, method: Method, to app: SentryApp, access: AppAccess) throws(HTTPFailure) {
        switch method {
        case .get: try LogPermission.admit(caller, method: method, to: app, access: access)
        case .post, .put, .delete: try RedeliveryPermission.admit(caller, method: method, to: app, access: access)
        }
    }
}
