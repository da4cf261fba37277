import Directory
import Model

/// The rule of an app's details (contract, end of 5.5): published apps are for everybody who is signed in, others exist
/// only for members of the organization that owns them.
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
