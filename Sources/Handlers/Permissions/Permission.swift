import Directory
import Model

/// A rule about who may use an endpoint (docs/protocol.md 5.5).
protocol Permission: SendableMetatype {
    /// Before the app is looked up, so that outsiders cannot find out which slugs exist. Fails with 401 or 403.
    static func admit(_ caller: Caller, method: String) throws(HTTPFailure)

    /// After the app was looked up. Fails with 403 or, for endpoints that hide apps, with 404.
    static func admit(
        _ caller: Caller, method: Method, to app: SentryApp, directory: any DirectoryStore
    ) throws(HTTPFailure)
}

extension ScopeSet {
    /// Reading an organization's apps requires any one of these.
    static let organizationReaders = ScopeSet([.orgRead, .orgIntegrations, .orgWrite, .orgAdmin])
}

/// The rule of the request log, the interactions and the statistics: reading is for the owning organization, whatever
/// the app's status; posting is for every signed-in user and never for a token (docs/protocol.md 5.5).
enum StatisticsPermission: Permission {
    static func admit(_ caller: Caller, method: String) throws(HTTPFailure) {
        switch caller {
        case .anonymous: throw .notAuthenticated
        case .user: return
        case .token(let token, _):
            let isRead = method == "GET" || method == "HEAD"
            guard isRead, !token.scopes.isDisjoint(with: .organizationReaders) else { throw .forbidden }
        }
    }

    static func admit(
        _ caller: Caller, method: Method, to app: SentryApp, directory: any DirectoryStore
    ) throws(HTTPFailure) {
        if caller.isActiveSuperuser || method == .post { return }
        let scopes = try AppAccess.scopes(of: caller, in: app.ownerID, directory: directory)
        if scopes.isDisjoint(with: .organizationReaders) { throw .forbidden }
    }
}

/// The rule of an app's details (docs/protocol.md 5.5): published apps are visible to every signed-in user, others only
/// to members of the organization that owns them.
enum DetailsPermission: Permission {
    private static let publicReaders = ScopeSet([
        .eventRead, .eventWrite, .eventAdmin, .projectReleases, .projectRead, .orgRead, .memberRead, .teamRead,
    ])

    static func admit(_ caller: Caller, method: String) throws(HTTPFailure) {
        switch caller {
        case .anonymous: throw .notAuthenticated
        case .user: return
        case .token(let token, _):
            let isRead = method == "GET" || method == "HEAD"
            guard isRead, !token.scopes.isDisjoint(with: publicReaders) else { throw .forbidden }
        }
    }

    static func admit(
        _ caller: Caller, method: Method, to app: SentryApp, directory: any DirectoryStore
    ) throws(HTTPFailure) {
        if caller.isActiveSuperuser || app.status == .published { return }
        guard try AppAccess.isMember(caller, of: app.ownerID, directory: directory) else { throw .notFound }
        let scopes = try AppAccess.scopes(of: caller, in: app.ownerID, directory: directory)
        if scopes.isDisjoint(with: .organizationReaders) { throw .forbidden }
    }
}

/// The rule of redelivery, test events and enabling: `org:write` in the organization that owns the app, for users and
/// tokens alike.
enum RedeliveryPermission: Permission {
    private static let writer = ScopeSet(.orgWrite)

    static func admit(_ caller: Caller, method: String) throws(HTTPFailure) {
        switch caller {
        case .anonymous: throw .notAuthenticated
        case .user: return
        case .token(let token, _):
            guard token.scopes.isSuperset(of: writer) else { throw .forbidden }
        }
    }

    static func admit(
        _ caller: Caller, method: Method, to app: SentryApp, directory: any DirectoryStore
    ) throws(HTTPFailure) {
        guard try isGranted(to: caller, for: app, directory: directory) else { throw .forbidden }
    }

    /// Whether both checks admit the caller: whether it may redeliver, enable and send test events.
    static func isGranted(
        to caller: Caller, for app: SentryApp, directory: any DirectoryStore
    ) throws(HTTPFailure) -> Bool {
        if caller.isActiveSuperuser { return true }
        if case .token(let token, _) = caller, !token.scopes.isSuperset(of: writer) { return false }
        return try AppAccess.scopes(of: caller, in: app.ownerID, directory: directory).isSuperset(of: writer)
    }
}
