package import Directory
import Model
import WebhookRules
package import WireJSON

/// Writes a directory document as JSON: all fields of all rows, so that importing it restores the same rows.
package struct DirectoryDocumentWriter {
    /// The JSON form of `document`.
    ///
    /// - Throws: `corrupt` when a stored schema is not JSON.
    package static func json(_ document: DirectoryDocument) throws(DirectoryError) -> JSONValue {
        .object([
            member("version", .integer(DirectoryDocumentReader.version)),
            member("exported_at", date(document.exportedAt)),
            member("organizations", .array(document.organizations.map(organization))),
            member("users", .array(document.users.map(user))),
            member("memberships", .array(document.memberships.map(membership))),
            member("apps", .array(try document.apps.map(app))),
            member("installations", .array(document.installations.map(installation))),
            member("service_hooks", .array(document.serviceHooks.map(serviceHook))),
            member("projects", .array(document.projects.map(project))),
            member("events", .array(document.issueEvents.map(issueEvent))),
            member("tokens", .array(document.tokens.map(token))),
            member("audit_entries", .array(try document.auditEntries.map(auditEntry))),
        ])
    }

    /// The JSON form of a row of `DirectoryDocument.rows`.
    static func json(row: AnyHashable) throws(DirectoryError) -> JSONValue {
        switch row.base {
        case let row as Organization: organization(row)
        case let row as User: user(row)
        case let row as Membership: membership(row)
        case let row as DirectoryDocument.AppEntry: try app(row)
        case let row as DirectoryDocument.InstallationEntry: installation(row)
        case let row as ServiceHook: serviceHook(row)
        case let row as Project: project(row)
        case let row as IssueEvent: issueEvent(row)
        case let row as DirectoryDocument.TokenEntry: token(row)
        case let row as AuditEntry: try auditEntry(row)
        default: .null
        }
    }

    private static func organization(_ row: Organization) -> JSONValue {
        .object([
            member("id", .integer(row.id)), member("slug", .string(row.slug)), member("name", .string(row.name)),
            member("status", .string(row.status.name)),
        ])
    }

    private static func user(_ row: User) -> JSONValue {
        .object([
            member("id", .integer(row.id)), member("username", .string(row.username)),
            member("email", .string(row.email)), member("name", .string(row.name)),
            member("is_active", .bool(row.isActive)), member("is_superuser", .bool(row.isSuperuser)),
            member("is_sentry_app", .bool(row.isSentryApp)),
        ])
    }

    private static func membership(_ row: Membership) -> JSONValue {
        .object([
            member("user_id", .integer(row.userID)), member("organization_id", .integer(row.organizationID)),
            member("role", .string(row.role.rawValue)), member("team_org_roles", words(row.teamRoles.map(\.rawValue))),
        ])
    }

    private static func app(_ entry: DirectoryDocument.AppEntry) throws(DirectoryError) -> JSONValue {
        let app = entry.app
        return .object([
            member("id", .integer(app.id)), member("slug", .string(app.slug)), member("name", .string(app.name)),
            member("owner_id", .integer(app.ownerID)), member("status", .string(app.status.name)),
            member("uuid", .string(app.uuid)), member("author", optional(app.author)),
            member("overview", optional(app.overview)), member("webhook_url", optional(app.webhookURL)),
            member("redirect_url", optional(app.redirectURL)), member("is_alertable", .bool(app.isAlertable)),
            member("verify_install", .bool(app.verifyInstall)), member("events", words(app.events)),
            member("scopes", words(app.scopes.scopes.map(\.rawValue))),
            member("schema", try stored(app.schemaJSON, table: "apps")),
            member("components", .array(try entry.components.map(component))),
            member("popularity", .integer(app.popularity)),
            member("proxy_user_id", app.proxyUserID.map(JSONValue.integer) ?? .null),
            member("client_id", .string(app.clientID)),
            member(
                "client_secret",
                app.damagedSecrets.contains(.clientSecret) ? .null : .string(app.clientSecret.exposed)),
            member("allowed_origins", words(app.allowedOrigins)), member("avatars", .array(app.avatars.map(avatar))),
            member("features", .array(app.features.map(feature))),
            member("webhook_headers", words(app.customHeaders.map(\.exposedText))),
            member("webhook_timeout_ms", app.webhookTimeoutMilliseconds.map(JSONValue.integer) ?? .null),
            member("delivery_policy", optional(app.deliveryPolicy?.rawValue)),
            member(
                "previous_secrets",
                entry.keepsPreviousSecrets ? .null : .array(app.previousSecrets.map(previousSecret))),
            member("signing_key", entry.keepsSigningKey ? .null : .string(app.signingKey?.exposed ?? "")),
            member("targets", try targets(entry)),
            member("disabled", app.disablement.map(disablement) ?? (entry.keepsDisablement ? .null : .bool(false))),
            member("date_added", date(entry.dateAdded)),
            member("date_published", date(app.datePublished)), member("date_deleted", date(app.dateDeleted)),
        ])
    }

    /// Null where the directory's cannot be read.
    private static func targets(_ entry: DirectoryDocument.AppEntry) throws(DirectoryError) -> JSONValue {
        guard !entry.keepsRelayTargets, !entry.app.damagedSecrets.contains(.relayTargets) else { return .null }
        guard let targets = RelayTargets(of: entry.app) else {
            throw .corrupt(table: "apps", reason: "the targets of app \(entry.app.id) are not valid")
        }
        return .array(targets.list.map(\.json))
    }

    private static func disablement(_ row: SentryApp.Disablement) -> JSONValue {
        .object([
            member("date", date(row.date)), member("reason", .string(row.reason)), member("events", words(row.events)),
        ])
    }

    private static func previousSecret(_ row: SentryApp.PreviousSecret) -> JSONValue {
        .object([
            member("secret", .string(row.secret.exposed)), member("valid_until", date(row.validUntil)),
        ])
    }

    private static func component(_ row: DirectoryDocument.Component) throws(DirectoryError) -> JSONValue {
        .object([
            member("id", row.id.map(JSONValue.integer) ?? .null), member("type", .string(row.type)),
            member("schema", try stored(row.schemaJSON, table: "components")),
        ])
    }

    private static func avatar(_ row: SentryApp.Avatar) -> JSONValue {
        .object([
            member("type", .string(row.type)), member("uuid", .string(row.uuid)), member("color", .bool(row.isColor)),
        ])
    }

    private static func feature(_ row: SentryApp.Feature) -> JSONValue {
        .object([
            member("id", .integer(row.id)), member("gate", .string(row.gate)),
            member("description", .string(row.description)),
        ])
    }

    private static func installation(_ entry: DirectoryDocument.InstallationEntry) -> JSONValue {
        let row = entry.installation
        return .object([
            member("id", .integer(row.id)), member("app_id", .integer(row.appID)),
            member("organization_id", .integer(row.organizationID)), member("uuid", .string(row.uuid)),
            member("status", .string(row.status.name)), member("date_added", date(entry.dateAdded)),
            member("date_deleted", date(row.dateDeleted)),
        ])
    }

    private static func serviceHook(_ row: ServiceHook) -> JSONValue {
        .object([
            member("id", .integer(row.id)), member("installation_id", .integer(row.installationID)),
            member("organization_id", .integer(row.organizationID)), member("url", .string(row.url)),
            member("events", words(row.events)), member("project_ids", .array(row.projectIDs.map(JSONValue.integer))),
        ])
    }

    private static func project(_ row: Project) -> JSONValue {
        .object([
            member("id", .integer(row.id)), member("slug", .string(row.slug)),
            member("organization_id", .integer(row.organizationID)),
        ])
    }

    private static func issueEvent(_ row: IssueEvent) -> JSONValue {
        .object([
            member("project_id", .integer(row.projectID)), member("event_id", .string(row.eventID)),
            member("group_id", row.groupID.map(JSONValue.integer) ?? .null),
        ])
    }

    private static func token(_ row: DirectoryDocument.TokenEntry) -> JSONValue {
        .object([
            member("id", row.id.map(JSONValue.integer) ?? .null), member("token_sha256", .string(row.digest.rawValue)),
            member("user_id", .integer(row.userID)), member("scopes", words(row.scopes.scopes.map(\.rawValue))),
            member("name", .string(row.name)), member("date_added", date(row.dateAdded)),
            member("expires_at", date(row.expiresAt)),
            member("allowed_origins", row.allowedOrigins.map(words) ?? .null),
        ])
    }

    private static func auditEntry(_ row: AuditEntry) throws(DirectoryError) -> JSONValue {
        .object([
            member("id", .integer(row.id)), member("organization_id", .integer(row.organizationID)),
            member("event", .integer(row.event)), member("actor_id", row.actorID.map(JSONValue.integer) ?? .null),
            member("actor_label", .string(row.actorLabel)),
            member("target_object", row.targetObject.map(JSONValue.integer) ?? .null),
            member("data", try stored(row.dataJSON, table: "audit_entries")), member("date", date(row.date)),
        ])
    }

    private static func member(_ name: String, _ value: JSONValue) -> JSONValue.Member {
        JSONValue.Member(name: name, value: value)
    }

    private static func words(_ words: [String]) -> JSONValue {
        .array(words.map(JSONValue.string))
    }

    private static func optional(_ text: String?) -> JSONValue {
        text.map(JSONValue.string) ?? .null
    }

    private static func date(_ timestamp: Timestamp?) -> JSONValue {
        optional(timestamp?.iso8601Description)
    }

    /// Stored JSON.
    private static func stored(_ text: String, table: String) throws(DirectoryError) -> JSONValue {
        do throws(JSONSyntaxError) {
            return try JSONValue(parsing: text, limits: JSONValue.Limits(maximumByteCount: .max))
        } catch {
            throw .corrupt(table: table, reason: "stored JSON is malformed: \(error)")
        }
    }
}
