/// Statements for installations and their hooks.
enum InstallationStatement {
    static let columns = """
        i.id, i.sentry_app_id, i.organization_id, i.uuid, i.status, extract(epoch FROM i.date_added), \
        extract(epoch FROM i.date_deleted)
        """

    static func list(_ condition: String) -> String {
        "SELECT \(columns) FROM public.sentry_sentryappinstallation i \(condition)"
    }

    static let has = """
        SELECT 1 FROM public.sentry_sentryappinstallation i
        WHERE i.sentry_app_id = $1::bigint AND i.organization_id = $2::bigint AND i.date_deleted IS NULL LIMIT 1
        """

    /// One row at least: the totals, and the dates of each installation that was added in the range.
    static let statistics = """
        SELECT t.installs, t.uninstalls, extract(epoch FROM i.date_added), extract(epoch FROM i.date_deleted)
        FROM (
            SELECT count(*) AS installs, count(x.date_deleted) AS uninstalls
            FROM public.sentry_sentryappinstallation x WHERE x.sentry_app_id = $1::bigint
        ) t
        LEFT JOIN public.sentry_sentryappinstallation i ON i.sentry_app_id = $1::bigint
            AND i.date_added >= $2::timestamptz AND i.date_added <= $3::timestamptz
        ORDER BY i.date_added, i.id
        """

    static let present = list(
        """
        WHERE i.sentry_app_id = $1::bigint AND i.date_deleted IS NULL ORDER BY i.organization_id, i.id
        LIMIT $2::bigint
        """)

    static let ofOrganization = list(
        """
        WHERE i.sentry_app_id = $1::bigint AND i.organization_id = $2::bigint
        ORDER BY i.date_deleted IS NOT NULL, i.date_added DESC, i.id DESC LIMIT 1
        """)

    static let allOfOrganization = list(
        "WHERE i.organization_id = $1::bigint AND i.date_deleted IS NULL ORDER BY i.id LIMIT $2::bigint")

    static let last = list("WHERE i.sentry_app_id = $1::bigint ORDER BY i.date_added DESC LIMIT 1")

    static let organizations = """
        SELECT DISTINCT i.organization_id FROM public.sentry_sentryappinstallation i
        WHERE i.sentry_app_id = $1::bigint AND i.date_deleted IS NULL ORDER BY i.organization_id LIMIT $2::bigint
        """

    /// The hook of the installation in its organization; where there is none, the hook that releases 25.9 to 26.2 made
    /// without an organization (docs/protocol.md 7.1). Hooks of projects are not meant. Two rows show that there is
    /// more than one.
    static let hook = """
        WITH found AS (
            SELECT h.id, h.url, h.events, 0 AS choice FROM public.sentry_servicehook h
            WHERE h.actor_id = $1::bigint AND h.organization_id = $2::bigint AND h.project_id IS NULL
            UNION ALL
            SELECT h.id, h.url, h.events, 1 FROM public.sentry_servicehook h
            WHERE h.installation_id = $1::bigint AND h.organization_id IS NULL AND h.project_id IS NULL
        )
        SELECT f.id, f.url, f.events, ARRAY(
            SELECT p.project_id::text FROM public.sentry_servicehookproject p WHERE p.service_hook_id = f.id
            ORDER BY p.project_id
        )
        FROM found f WHERE f.choice = (SELECT min(choice) FROM found) ORDER BY f.id LIMIT 2
        """
}
