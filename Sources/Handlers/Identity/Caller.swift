import Model

/// The identity that a request is authorized by.
enum Caller: Sendable {
    /// No user of the directory. `claimedLogin` is the name that the web server passed, if any: that user is missing or
    /// inactive, and the access log has `unknown:<name>`.
    case anonymous(claimedLogin: String?)
    /// A user whom the web server has authenticated, or who has a session.
    case user(User, isActiveSuperuser: Bool)
    /// A bearer token and the user whose token it is. It has superuser rights only beside a session that has them.
    case token(APIToken, User, isActiveSuperuser: Bool)
    /// An organization's API key, which acts for no user.
    case apiKey(APIKey)
    /// An organization's token, which may do nothing here.
    case organizationToken(OrganizationToken)

    /// For the access log; nil when no name was passed.
    var logIdentity: String? {
        switch self {
        case .anonymous(nil): nil
        case .anonymous(let login?): "unknown:" + Caller.printable(login)
        case .user(let user, _): user.username.isEmpty ? user.email : user.username
        case .token(let token, _, _): "token:\(token.id)"
        case .apiKey(let key): "key:\(key.id)"
        case .organizationToken(let token): "organization-token:\(token.id)"
        }
    }

    var isActiveSuperuser: Bool {
        switch self {
        case .user(_, let isActiveSuperuser), .token(_, _, let isActiveSuperuser): isActiveSuperuser
        case .anonymous, .apiKey, .organizationToken: false
        }
    }

    /// The user themselves or the token's.
    var user: User? {
        switch self {
        case .user(let user, _), .token(_, let user, _): user
        case .anonymous, .apiKey, .organizationToken: nil
        }
    }

    /// The scopes of a token or a key, which limit what it can do; nil for users, whose roles decide alone.
    var ownScopes: ScopeSet? {
        switch self {
        case .token(let token, _, _): token.scopes
        case .apiKey(let key): key.scopes
        case .organizationToken: []
        case .anonymous, .user: nil
        }
    }

    /// The origins from which a browser may use a token or a key; nil = any, for callers that have none.
    ///
    /// A plain user token belongs to no application, so no page may use it.
    var allowedOrigins: [String]? {
        switch self {
        case .token(let token, _, _): token.allowedOrigins ?? []
        case .apiKey(let key): key.allowedOrigins
        case .organizationToken: []
        case .anonymous, .user: nil
        }
    }

    /// A name that was not verified, shortened and without control characters.
    private static func printable(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.prefix(100).map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
