/// Statements for tokens and keys.
struct TokenStatement {
    private let facts: TableFacts

    init(_ facts: TableFacts) {
        self.facts = facts
    }

    private var isHashed: Bool { facts.has(Tables.token, "hashed_token") }
    private var hasDetails: Bool { facts.mayUseHookline != nil }

    /// Parameters: the SHA-256 of the token and the token itself. A token that is found by its SHA-256 comes before one
    /// in clear.
    var sql: String {
        if facts.isStandalone { return choice("t.hashed_token = $1 AND $2::text IS NULL", 0) }
        guard isHashed else {
            return choice("t.token = $2 AND $1::text IS NOT NULL", 0)
        }
        return """
            \(choice("t.hashed_token = $1", 0)) UNION ALL \(choice("t.token = $2", 1)) ORDER BY choice LIMIT 1
            """
    }

    /// Every token with its user, and the SHA-256 last: tokens in clear do not leave the database.
    var list: String {
        """
        SELECT \(columns), 0, \(digest), \(LookUp.user) FROM \(tables)
        JOIN public.auth_user u ON u.id = t.user_id ORDER BY t.id
        """
    }

    /// Every token with its SHA-256 last.
    var all: String { "SELECT \(columns), 0, \(digest) FROM \(tables) ORDER BY t.id" }

    static let apiKey = """
        SELECT k.id, k.organization_id, k.scope_list, k.scopes, k.status, coalesce(k.allowed_origins, '')
        FROM public.sentry_apikey k WHERE k.key = $1
        """

    static let organizationToken = """
        SELECT t.id, t.organization_id FROM public.sentry_orgauthtoken t
        WHERE t.token_hashed = $1 AND t.date_deactivated IS NULL
        """

    private var digest: String {
        let hashed = "encode(sha256(convert_to(t.token, 'UTF8')), 'hex')"
        return isHashed ? "coalesce(t.hashed_token, \(hashed))" : hashed
    }

    private func choice(_ condition: String, _ number: Int) -> String {
        "SELECT \(columns), \(number) AS choice FROM \(tables) WHERE \(condition)"
    }

    private var tables: String {
        "public.sentry_apitoken t LEFT JOIN public.sentry_apiapplication c ON c.id = t.application_id"
            + (hasDetails ? " LEFT JOIN hookline.token_details d ON d.token_id = t.id" : "")
    }

    /// In the order in which `APIToken` reads them.
    private var columns: String {
        let name = facts.has(Tables.token, "name") ? "t.name" : "NULL"
        return [
            "t.id, t.user_id, t.scope_list, t.scopes, extract(epoch FROM t.expires_at)",
            "extract(epoch FROM t.date_added), t.application_id, c.status, c.allowed_origins",
            facts.has(Tables.token, "scoping_organization_id") ? "t.scoping_organization_id" : "NULL::bigint",
            hasDetails ? "coalesce(d.name, \(name), '')" : "coalesce(\(name), '')",
            hasDetails ? "d.allowed_origins" : "NULL::text[]",
        ].joined(separator: ", ")
    }
}
