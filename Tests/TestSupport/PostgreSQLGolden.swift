import CZlib
import Foundation

/// The directory of a golden file as rows of the original's tables, written as release 23.7.1 writes them.
package struct PostgreSQLGolden {
    private let document: GoldenValue

    package init(_ golden: Golden) {
        document = golden.directory
    }

    package func load(_ connection: PostgreSQLTestConnection) throws {
        let statements = organizations + users + memberships + apps + installations + projects + tokens
        try connection.execute((statements + (try events())).joined(separator: ";\n"))
    }

    private static let date = "'2023-07-20 09:30:00+00'"

    private var organizations: [String] {
        document["organizations"].elements.flatMap { row in
            let (id, slug, name) = (row.sql("id"), row.sql("slug"), row.sql("name"))
            return [
                """
                INSERT INTO sentry_organization (id, name, slug, status, date_added, default_role, flags)
                VALUES (\(id), \(name), \(slug), 0, \(Self.date), 'member', 1)
                """,
                """
                INSERT INTO sentry_organizationmapping
                    (organization_id, slug, name, date_created, verified, idempotency_key, region_name, status)
                VALUES (\(id), \(slug), \(name), \(Self.date), true, '', '--monolith--', 0)
                """,
            ]
        }
    }

    private var users: [String] {
        document["users"].elements.map { row in
            // An ordinary user has NULL, not false.
            let isProxy = row["is_sentry_app"].bool == true
            return """
                INSERT INTO auth_user (id, password, username, first_name, email, is_staff, is_active, is_superuser,
                    is_managed, is_sentry_app, is_password_expired, date_joined)
                VALUES (\(row.sql("id")), \(isProxy ? "''" : "'pbkdf2_sha256$1$salt$hash'"), \(row.sql("email")),
                    \(row.sql("name")), \(row.sql("email")), false, true, \(row["is_superuser"].bool == true), false,
                    \(isProxy ? "true" : "NULL"), false, \(Self.date))
                """
        }
    }

    /// Each role that a member has through a team is that of a team of its own.
    private var memberships: [String] {
        document["memberships"].elements.enumerated().flatMap { index, row in
            let (member, organization, user) = (index + 1, row.sql("organization_id"), row.sql("user_id"))
            let teams = row["team_org_roles"].elements.enumerated().flatMap { number, role in
                let team = member * 10 + number
                return [
                    """
                    INSERT INTO sentry_team (id, slug, name, status, organization_id, org_role)
                    VALUES (\(team), 'team-\(team)', 'Team', 0, \(organization), \(role.sql))
                    """,
                    """
                    INSERT INTO sentry_organizationmember_teams (is_active, organizationmember_id, team_id)
                    VALUES (true, \(member), \(team))
                    """,
                ]
            }
            return [
                """
                INSERT INTO sentry_organizationmember
                    (id, role, flags, date_added, has_global_access, type, organization_id, user_id, invite_status)
                VALUES (\(member), \(row.sql("role")), 0, \(Self.date), true, 50, \(organization), \(user), 0)
                """,
                """
                INSERT INTO sentry_organizationmembermapping
                    (organization_id, date_added, role, invite_status, user_id, organizationmember_id)
                VALUES (\(organization), \(Self.date), \(row.sql("role")), 0, \(user), \(member))
                """,
            ] + teams
        }
    }

    private var apps: [String] {
        document["apps"].elements.enumerated().flatMap { index, app -> [String] in
            let (id, application, proxy) = (app.sql("id"), index + 1, app.sql("proxy_user_id"))
            let components = app["components"].elements.compactMap(\.string)
            let elements = components.map { "{\"type\":\"\($0)\"}" }
            return [
                """
                INSERT INTO sentry_apiapplication
                    (id, client_id, client_secret, name, status, redirect_uris, date_added, owner_id)
                VALUES (\(application), md5('client \(application)') || md5('id'), \(app.sql("client_secret")),
                    \(app.sql("name")), 0, '', \(Self.date), \(proxy))
                """,
                """
                INSERT INTO sentry_sentryapp (id, scopes, scope_list, name, slug, status, uuid, webhook_url,
                    is_alertable, events, schema, date_added, date_updated, application_id, owner_id, proxy_user_id,
                    verify_install, popularity)
                VALUES (\(id), 0, \(app.array("scopes")), \(app.sql("name")), \(app.sql("slug")), \(app.status),
                    \(app.sql("uuid")), \(app.sql("webhook_url")), false, \(app.subscriptions),
                    '{"elements":[\(elements.joined(separator: ","))]}', \(Self.date), \(Self.date), \(application),
                    \(app.sql("owner_id")), \(proxy), true, 1)
                """,
            ]
                + zip(components, elements).map { type, schema in
                    """
                    INSERT INTO sentry_sentryappcomponent (uuid, type, schema, sentry_app_id)
                    VALUES (gen_random_uuid(), '\(type)', '\(schema)', \(id))
                    """
                }
        }
    }

    private var installations: [String] {
        document["installations"].elements.flatMap { row -> [String] in
            let (id, appID, organization) = (row.sql("id"), row.sql("app_id"), row.sql("organization_id"))
            let app = document["apps"].elements.first { $0["id"] == row["app_id"] } ?? .null
            return [
                """
                INSERT INTO sentry_sentryappinstallation
                    (id, uuid, date_added, date_updated, organization_id, sentry_app_id, status)
                VALUES (\(id), \(row.sql("uuid")), '1970-01-01 00:00:00+00', \(Self.date), \(organization), \(appID), 1)
                """,
                """
                INSERT INTO sentry_servicehook (guid, actor_id, installation_id, organization_id, url, secret, events,
                    status, version, date_added, application_id)
                VALUES (md5('hook ' || \(id)), \(id), \(id), \(organization),
                    coalesce(\(app.sql("webhook_url")), ''), md5('a') || md5('b'), \(app.subscriptions), 0, 0,
                    \(Self.date), (SELECT application_id FROM sentry_sentryapp WHERE id = \(appID)))
                """,
            ]
        }
    }

    private var projects: [String] {
        document["projects"].elements.map { row in
            """
            INSERT INTO sentry_project (id, slug, name, public, date_added, status, organization_id)
            VALUES (\(row.sql("id")), \(row.sql("slug")), 'Project', false, \(Self.date), 0,
                \(row.sql("organization_id")))
            """
        }
    }

    private var tokens: [String] {
        document["tokens"].elements.map { row in
            """
            INSERT INTO sentry_apitoken (scopes, scope_list, token, date_added, user_id)
            VALUES (0, \(row.array("scopes")), \(row.sql("token")), \(Self.date), \(row.sql("user_id")))
            """
        }
    }

    private func events() throws -> [String] {
        try document["events"].elements.enumerated().flatMap { index, row -> [String] in
            let (project, event) = (row.sql("project_id"), row["event_id"].string ?? "")
            let data = try Self.node(#"{"event_id":"\#(event)","hashes":["\#(Self.hash(index))"],"type":"error"}"#)
            let stored = """
                INSERT INTO nodestore_node (id, data, "timestamp")
                VALUES (md5('\(row["project_id"].integer ?? 0):\(event)'), '\(data)', \(Self.date))
                """
            guard let group = row["group_id"].integer else { return [stored] }
            return [
                stored,
                """
                INSERT INTO sentry_groupedmessage (id, logger, level, message, status, times_seen, last_seen, first_seen,
                    time_spent_total, time_spent_count, score, project_id)
                VALUES (\(group), '', 40, '', 0, 1, \(Self.date), \(Self.date), 0, 0, 0, \(project))
                ON CONFLICT DO NOTHING
                """,
                """
                INSERT INTO sentry_grouphash (hash, group_id, project_id)
                VALUES ('\(Self.hash(index))', \(group), \(project))
                """,
            ]
        }
    }

    private static func hash(_ index: Int) -> String {
        String(repeating: "0", count: 24) + String(format: "%08x", index)
    }

    /// Text as the node store keeps it: zlib, Base64.
    package static func node(_ text: String) throws -> String {
        let input = Array(text.utf8)
        var size = compressBound(UInt(input.count))
        var output = [UInt8](repeating: 0, count: Int(size))
        guard compress(&output, &size, input, UInt(input.count)) == Z_OK else {
            throw TestSupportError("zlib cannot compress")
        }
        return Data(output.prefix(Int(size))).base64EncodedString()
    }
}

extension GoldenValue {
    /// As an SQL literal.
    fileprivate var sql: String {
        switch self {
        case .string(let text): "'" + text.replacingOccurrences(of: "'", with: "''") + "'"
        case .number(let text): text
        case .bool(let value): String(value)
        case .null, .array, .object: "NULL"
        }
    }

    fileprivate func sql(_ key: String) -> String { self[key].sql }

    fileprivate func array(_ key: String) -> String {
        "ARRAY[" + self[key].elements.map(\.sql).joined(separator: ", ") + "]::text[]"
    }

    /// The original stores the events of a resource, from a set.
    fileprivate var subscriptions: String {
        let events = self["events"].elements.compactMap(\.string).flatMap { name in
            switch name {
            case "issue": ["issue.assigned", "issue.created", "issue.ignored", "issue.resolved"]
            case "error": ["error.created"]
            case "comment": ["comment.created", "comment.deleted", "comment.updated"]
            default: [name]
            }
        }
        return "ARRAY[" + events.map { "'\($0)'" }.joined(separator: ", ") + "]::text[]"
    }

    /// The number of an app's status.
    fileprivate var status: Int {
        ["unpublished", "published", "internal", "publish_request_inprogress", "deletion_in_progress"]
            .firstIndex(of: self["status"].string ?? "") ?? 0
    }
}
