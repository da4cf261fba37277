import Model

/// Who is asking.
enum Caller: Sendable {
    /// Nobody that the directory knows. `claimedLogin` is the name that the web server gave, if it gave one: the user
    /// is missing or inactive, and the operator sees `unknown:<name>` in the access log.
    case anonymous(claimedLogin: String?)
    /// A user signed in at the web server.
    case user(User, isActiveSuperuser: Bool)
    /// A bearer token and the user whose token it is.
    case token(APIToken, User)

    /// For the access log; nil when nobody claims to be anybody.
    var logIdentity: String? {
        switch self {
        case .anonymous(nil): nil
        case .anonymous(let login?): "unknown:" + Caller.printable(login)
        case .user(let user, _): user.username.isEmpty ? user.email : user.username
        case .token(let token, _): "token:\(token.id)"
        }
    }

    var isActiveSuperuser: Bool {
        guard case .user(_, let isActiveSuperuser) = self else { return false }
        return isActiveSuperuser
    }

    /// The user themselves or the token's.
    var user: User? {
        switch self {
        case .anonymous: nil
        case .user(let user, _), .token(_, let user): user
        }
    }

    /// A name that nobody has checked, fit for one line of a log.
    private static func printable(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.prefix(100).map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
