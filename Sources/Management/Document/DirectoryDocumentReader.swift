package import Directory
import Model
package import WireJSON

/// Reads the JSON form of a directory document (`docs/directory.md`).
package struct DirectoryDocumentReader {
    /// The version of the format, in the document's field `version`.
    package static let version: Int64 = 1

    let problems: ProblemList
    let hosts: HostRules

    /// The document in `value`, or its problems: the first ones and the count of all.
    ///
    /// - Parameters:
    ///   - hosts: which addresses and URLs are accepted.
    ///   - accepts: whether a value that breaks a rule is read as it is; otherwise it is a problem.
    package static func read(
        _ value: JSONValue, hosts: HostRules = .ofText,
        accepts: @escaping (RuleViolation) -> Bool = { _ in false }
    ) -> Result<DirectoryDocument, DocumentFailure> {
        let reader = DirectoryDocumentReader(problems: ProblemList(accepts: accepts), hosts: hosts)
        let document = reader.document(value)
        guard reader.problems.count == 0 else {
            return .failure(DocumentFailure(problems: reader.problems.problems, count: reader.problems.count))
        }
        return .success(document)
    }

    private func document(_ value: JSONValue) -> DirectoryDocument {
        var document = DirectoryDocument()
        guard let root = ObjectReader(value, path: "", problems: problems) else { return document }
        if let version = root.integer("version"), version != Self.version {
            root.report("version", "must be \(Self.version), not \(version)")
        }
        document.exportedAt = root.timestamp("exported_at")
        document.organizations = rows(root, .organizations, organization)
        document.users = rows(root, .users, user)
        document.memberships = rows(root, .memberships, membership)
        document.apps = rows(root, .apps, app)
        document.installations = rows(root, .installations, installation)
        document.serviceHooks = rows(root, .serviceHooks, serviceHook)
        document.projects = rows(root, .projects, project)
        document.issueEvents = rows(root, .issueEvents, issueEvent)
        document.tokens = rows(root, .tokens, token)
        document.auditEntries = rows(root, .auditEntries, auditEntry)
        root.finish()
        return document
    }

    private func rows<Row>(_ root: ObjectReader, _ kind: RowKind, _ read: (ObjectReader) -> Row?) -> [Row] {
        var index = -1
        return root.list(kind.rawValue) { element, path in
            index += 1
            guard let fields = ObjectReader(element, path: path, row: (kind, index), problems: problems) else {
                return nil
            }
            defer { fields.finish() }
            return read(fields)
        } ?? []
    }

    private func organization(_ fields: ObjectReader) -> Organization? {
        let id = fields.required("id", fields.id)
        let slug = fields.required("slug", fields.slug)
        let name = fields.string("name")
        let status = fields.choice("status", Organization.Status.allCases, name: \.name)
        guard let id, let slug else { return nil }
        return Organization(id: id, slug: slug, name: name ?? slug, status: status ?? .active)
    }

    private func user(_ fields: ObjectReader) -> User? {
        let id = fields.required("id", fields.id)
        let email = mailAddress(fields) ?? ""
        let username = fields.text("username")
        if username == nil, email.isEmpty, fields.value("username") == nil {
            fields.report("username", "is required when there is no email")
        }
        // Test data has this field; it does not describe the user.
        _ = fields.value("superuser_active")
        let user = User(
            id: id ?? 0, username: username ?? email, email: email, name: fields.string("name") ?? "",
            isActive: fields.flag("is_active", default: true),
            isSuperuser: fields.flag("is_superuser", default: false),
            isSentryApp: fields.flag("is_sentry_app", default: false))
        return id == nil ? nil : user
    }

    /// An address to which mail can be sent: any user can become an owner.
    private func mailAddress(_ fields: ObjectReader) -> String? {
        guard let email = fields.string("email"), !email.isEmpty else { return nil }
        if !hosts.acceptsMailAddress(email) {
            fields.reportViolation("email", "\"\(email)\": \(MailAddressSyntax.rule)")
        }
        return email
    }

    private func membership(_ fields: ObjectReader) -> Membership? {
        let userID = fields.required("user_id", fields.id)
        let organizationID = fields.required("organization_id", fields.id)
        let role = fields.required("role") { fields.choice($0, Role.allCases, name: \.rawValue) }
        let teamRoles = fields.choices("team_org_roles", Role.allCases, name: \.rawValue)
        guard let userID, let organizationID, let role else { return nil }
        return Membership(userID: userID, organizationID: organizationID, role: role, teamRoles: teamRoles ?? [])
    }

    private func installation(_ fields: ObjectReader) -> DirectoryDocument.InstallationEntry? {
        let id = fields.required("id", fields.id)
        let appID = fields.required("app_id", fields.id)
        let organizationID = fields.required("organization_id", fields.id)
        let uuid = fields.text("uuid")
        let status = fields.choice("status", Installation.Status.allCases, name: \.name)
        let added = fields.timestamp("date_added")
        let deleted = fields.timestamp("date_deleted")
        guard let id, let appID, let organizationID else { return nil }
        let installation = Installation(
            id: id, appID: appID, organizationID: organizationID,
            uuid: uuid ?? DerivedUUID.text(kind: "installation", id: id), status: status ?? .installed,
            dateAdded: added ?? Timestamp(microseconds: 0), dateDeleted: deleted)
        return DirectoryDocument.InstallationEntry(installation: installation, dateAdded: added)
    }

    private func serviceHook(_ fields: ObjectReader) -> ServiceHook? {
        let id = fields.required("id", fields.id)
        let installationID = fields.required("installation_id", fields.id)
        let organizationID = fields.required("organization_id", fields.id)
        // Empty: that of the app (`ImportedDocument`).
        let url = fields.string("url") ?? ""
        let events = fields.words("events")
        let projectIDs = fields.ids("project_ids")
        guard let id, let installationID, let organizationID else { return nil }
        return ServiceHook(
            id: id, installationID: installationID, organizationID: organizationID, url: url, events: events ?? [],
            projectIDs: projectIDs ?? [])
    }

    private func project(_ fields: ObjectReader) -> Project? {
        let id = fields.required("id", fields.id)
        let slug = fields.required("slug", fields.slug)
        let organizationID = fields.required("organization_id", fields.id)
        guard let id, let slug, let organizationID else { return nil }
        return Project(id: id, slug: slug, organizationID: organizationID)
    }

    private func issueEvent(_ fields: ObjectReader) -> IssueEvent? {
        let projectID = fields.required("project_id", fields.id)
        let eventID = fields.required("event_id", fields.eventID)
        let groupID = fields.integer("group_id")
        guard let projectID, let eventID else { return nil }
        return IssueEvent(projectID: projectID, eventID: eventID, groupID: groupID)
    }

    private func token(_ fields: ObjectReader) -> DirectoryDocument.TokenEntry? {
        let id = fields.id("id")
        let digest = fields.tokenDigest()
        let userID = fields.required("user_id", fields.id)
        let entry = DirectoryDocument.TokenEntry(
            id: id, digest: digest ?? TokenDigest(hashing: ""), userID: userID ?? 0, scopes: fields.scopes("scopes"),
            name: fields.string("name") ?? "", expiresAt: fields.timestamp("expires_at"),
            dateAdded: fields.timestamp("date_added"), allowedOrigins: fields.words("allowed_origins"))
        return digest == nil || userID == nil ? nil : entry
    }

    private func auditEntry(_ fields: ObjectReader) -> AuditEntry? {
        let id = fields.required("id", fields.id)
        // 0 stands for no organization.
        let organizationID = fields.required("organization_id", fields.integer)
        let event = fields.required("event", fields.integer)
        let actorID = fields.id("actor_id")
        let actorLabel = fields.string("actor_label")
        let targetObject = fields.integer("target_object")
        let data = fields.objectText("data")
        let date = fields.required("date", fields.timestamp)
        guard let id, let organizationID, let event, let date else { return nil }
        return AuditEntry(
            id: id, organizationID: organizationID, event: Int(event), actorID: actorID,
            actorLabel: actorLabel ?? "", targetObject: targetObject, dataJSON: data ?? "{}", date: date)
    }
}

/// The problems of a document.
package struct DocumentFailure: Error, Hashable, Sendable {
    /// The first problems.
    package var problems: [DocumentProblem]
    /// The count of all problems.
    package var count: Int
}

/// UUIDs for rows without one: the same for the same row, so that importing again changes nothing.
package enum DerivedUUID {
    /// A UUID of version 8 (RFC 9562: custom) from the SHA-256 of the row's kind and id.
    package static func text(kind: String, id: Int64) -> String {
        var digits = Array(TokenDigest(hashing: "hookline \(kind) \(id)").rawValue.prefix(32))
        digits[12] = "8"
        digits[16] = "8"
        for position in [20, 16, 12, 8] { digits.insert("-", at: position) }
        return String(digits)
    }
}
