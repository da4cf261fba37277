import Directory
import Model

/// The rule of the request log, the interactions and the statistics: reading is for the owning organization, whatever
/// the app's status; posting is for every signed-in user and never for a token (contract 5.5).
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
