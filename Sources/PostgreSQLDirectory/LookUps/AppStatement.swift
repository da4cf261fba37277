/// Statements for apps: each brings everything about an app in one row.
struct AppStatement {
    private let facts: TableFacts

    init(_ facts: TableFacts) {
        self.facts = facts
    }

    /// - Parameter condition: a WHERE clause; the app is `a`.
    func sql(_ condition: String) -> String {
        "SELECT \(columns) FROM \(tables) \(condition)"
    }

    /// All apps, whether deleted or not.
    var sqlOfAll: String { sql("ORDER BY a.id") }

    /// Apps that are not deleted, each with its owner.
    var sqlWithOwners: String {
        """
        SELECT \(columns), \(LookUp.organization) FROM \(tables)
        LEFT JOIN public.sentry_organization o ON o.id = a.owner_id
        WHERE a.date_deleted IS NULL ORDER BY a.slug COLLATE "C"
        """
    }

    static let slugs = """
        SELECT a.slug FROM public.sentry_sentryapp a
        WHERE a.date_deleted IS NULL AND ($1::bigint[] IS NULL OR a.owner_id = ANY ($1::bigint[]))
        AND ($2::integer IS NULL OR a.status = $2::integer) ORDER BY a.date_added DESC, a.id DESC LIMIT $3::bigint
        """

    static let ids = """
        SELECT a.id FROM public.sentry_sentryapp a WHERE a.id > $1::bigint AND a.date_deleted IS NULL
        ORDER BY a.id LIMIT $2::bigint
        """

    var components: String {
        """
        SELECT c.id, c.sentry_app_id, c.type, c.schema::text FROM public.sentry_sentryappcomponent c
        WHERE c.sentry_app_id = $1::bigint ORDER BY \(Self.componentOrder(facts))
        """
    }

    /// The original's pages list components by id.
    static func componentOrder(_ facts: TableFacts) -> String {
        facts.isStandalone ? "c.sentry_app_id, c.hookline_position" : "c.sentry_app_id, c.id"
    }

    private var tables: String {
        "public.sentry_sentryapp a LEFT JOIN public.sentry_apiapplication c ON c.id = a.application_id"
            + (hasState
                ? """
                 LEFT JOIN hookline.app_settings s ON s.app_id = a.id
                LEFT JOIN hookline.disabled_apps d ON d.app_id = a.id
                """ : "")
    }

    private var hasState: Bool { facts.mayUseHookline != nil }

    /// In the order in which `AppRow` reads them. Lists from other tables are flat arrays.
    private var columns: String {
        [
            "a.id, a.slug, a.name, a.owner_id, a.status, a.uuid, a.author, a.overview, a.webhook_url, a.redirect_url",
            "a.is_alertable, a.verify_install, a.events, a.scope_list, a.scopes, a.schema::text",
            "coalesce(a.popularity, 1), a.proxy_user_id, coalesce(c.client_id, ''), coalesce(c.client_secret, '')",
            "coalesce(c.allowed_origins, '')",
            "extract(epoch FROM a.date_added), extract(epoch FROM a.date_published)",
            "extract(epoch FROM a.date_deleted)", avatars, features,
            facts.has(Tables.app, "is_disabled") ? "a.is_disabled" : "false",
            facts.has(Tables.app, "webhook_headers") ? "a.webhook_headers" : "NULL::text[]",
            facts.has(Tables.app, "metadata") ? "a.metadata::text" : "NULL::text", state,
        ].joined(separator: ", ")
    }

    /// Timeout, policy, disablement, headers, previous secrets, private key and relay targets that Hookline keeps.
    private var state: String {
        guard hasState else {
            return "NULL::integer, NULL::text, NULL::numeric, NULL::text, NULL::text[], NULL::text[], NULL::text[], "
                + "NULL::text, NULL::text"
        }
        let headers = Self.flat(
            ["x.name", "x.value"], of: "hookline.app_headers x", where: "x.app_id = a.id", order: "x.position")
        return "s.webhook_timeout_ms, s.delivery_policy, extract(epoch FROM d.disabled_at), d.reason, d.events, "
            + "\(headers), \(Self.previousSecrets(of: "a.id")), s.signing_key, s.relay_targets"
    }

    /// - Parameter id: an expression for the app's id.
    private static func previousSecrets(of id: String) -> String {
        flat(
            ["x.secret", "(extract(epoch FROM x.valid_until) * 1000000)::bigint::text"],
            of: "hookline.previous_secrets x", where: "x.app_id = \(id)", order: "x.position")
    }

    private var avatars: String {
        if facts.isStandalone {
            return Self.flat(
                ["x.type", "x.uuid", "x.is_color::text"], of: "hookline.app_avatars x", where: "x.app_id = a.id",
                order: "x.position")
        }
        // The original's choices (docs/protocol.md 6.1).
        return Self.flat(
            ["CASE x.avatar_type WHEN 1 THEN 'upload' ELSE 'default' END", "x.ident::text", "x.color::text"],
            of: "public.sentry_sentryappavatar x", where: "x.sentry_app_id = a.id", order: "x.id")
    }

    private var features: String {
        if facts.isStandalone {
            return Self.flat(
                ["x.id::text", "x.gate", "x.description"], of: "hookline.app_features x", where: "x.app_id = a.id",
                order: "x.position")
        }
        return Self.flat(
            ["x.feature::text", "NULL", "x.user_description"],
            of: "public.sentry_integrationfeature x",
            where: "x.target_id = a.id AND x.target_type = 0", order: "x.id")
    }

    /// The rows of another table as one array, column after column, row after row.
    private static func flat(
        _ columns: [String], of table: String, where condition: String, order: String
    ) -> String {
        """
        ARRAY(SELECT v.text FROM \(table)
        CROSS JOIN LATERAL unnest(ARRAY[\(columns.joined(separator: ", "))]::text[]) WITH ORDINALITY v (text, place)
        WHERE \(condition) ORDER BY \(order), v.place)
        """
    }
}
