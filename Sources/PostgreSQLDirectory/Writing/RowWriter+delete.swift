import Directory
import PostgreSQL

extension RowWriter {
    /// Deletes rows with everything that is a part of them.
    func delete(_ keys: Set<RowKey>) throws(DirectoryError) {
        let ids = { (kind: RowKind) in keys.lazy.filter { $0.kind == kind }.map(\.text) }
        try deleteTokens(Array(ids(.tokens)))
        try deletePairs(
            Array(ids(.issueEvents)), from: "hookline.issue_events", columns: ("project_id", "event_id"),
            type: "text")
        let hooks = Array(ids(.serviceHooks))
        try delete(hooks, from: "public.sentry_servicehookproject", by: "service_hook_id")
        try delete(hooks, from: "public.sentry_servicehook")
        try delete(Array(ids(.projects)), from: "public.sentry_project")
        try delete(Array(ids(.installations)), from: "public.sentry_sentryappinstallation")
        try deleteApps(Array(ids(.apps)))
        for table in ["public.sentry_organizationmember", "hookline.team_roles"] {
            try deletePairs(
                Array(ids(.memberships)), from: table, columns: ("user_id", "organization_id"), type: "bigint")
        }
        try delete(Array(ids(.users)), from: "public.auth_user")
        try delete(Array(ids(.organizations)), from: "public.sentry_organization")
    }

    private func deleteApps(_ ids: [String]) throws(DirectoryError) {
        try delete(ids, from: "public.sentry_sentryappcomponent", by: "sentry_app_id")
        for table in [
            "hookline.app_avatars", "hookline.app_features", "hookline.app_headers", "hookline.app_settings",
            "hookline.previous_secrets", "hookline.disabled_apps",
        ] {
            try delete(ids, from: table, by: "app_id")
        }
        try delete(ids, from: "public.sentry_sentryapp")
        // Each app has the application with its own id.
        try delete(ids, from: "public.sentry_apiapplication")
    }

    private func deleteTokens(_ digests: [String]) throws(DirectoryError) {
        guard !digests.isEmpty else { return }
        try transaction.query(
            """
            WITH gone AS (DELETE FROM public.sentry_apitoken t WHERE t.hashed_token = ANY ($1::text[]) RETURNING t.id)
            DELETE FROM hookline.token_details d USING gone WHERE d.token_id = gone.id
            """, .textArray(digests))
    }

    private func delete(_ ids: [String], from table: String, by column: String = "id") throws(DirectoryError) {
        guard !ids.isEmpty else { return }
        try transaction.query("DELETE FROM \(table) WHERE \(column) = ANY ($1::bigint[])", .textArray(ids))
    }

    /// - Parameters:
    ///   - keys: each the two values with a slash between.
    ///   - type: that of the second column; the first is an id.
    private func deletePairs(
        _ keys: [String], from table: String, columns: (String, String), type: String
    ) throws(DirectoryError) {
        guard !keys.isEmpty else { return }
        let pairs = keys.map { $0.split(separator: "/", maxSplits: 1).map(String.init) }
        try transaction.query(
            """
            DELETE FROM \(table) t USING unnest($1::bigint[], $2::\(type)[]) AS k (first, second)
            WHERE t.\(columns.0) = k.first AND t.\(columns.1) = k.second
            """, .textArray(pairs.map { $0[0] }), .textArray(pairs.map { $0.count > 1 ? $0[1] : "" }))
    }
}
