import Directory
import Model

/// The rule of sending a request again: `org:write` in the organization that owns the app, for users and tokens alike.
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
        if caller.isActiveSuperuser { return }
        let scopes = try AppAccess.scopes(of: caller, in: app.ownerID, directory: directory)
        guard scopes.isSuperset(of: writer) else { throw .forbidden }
    }
}
