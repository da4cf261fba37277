package import Directory
package import Model
package import WebhookRules
import WireJSON

/// Makes the rows of a relay for people who have an internal integration in the original and nothing in Hookline, all
/// in the transaction of `rows` with their entries in the audit log.
package struct RelaySetup {
    /// An internal integration of the original, and where its webhooks go.
    package struct Integration {
        package var slug: String
        package var clientSecret: Secret
        /// The app's id in the original; nil = one is made.
        package var id: Int64?
        package var target: RelayTarget
        /// Mail addresses of those who are to be owners of the organization.
        package var owners: [String]

        package init(slug: String, clientSecret: Secret, id: Int64?, target: RelayTarget, owners: [String]) {
            self.slug = slug
            self.clientSecret = clientSecret
            self.id = id
            self.target = target
            self.owners = owners
        }
    }

    /// What was made, or was there.
    package struct Outcome: Sendable {
        package var app: SentryApp
        package var organization: Organization
        package var owners: [User]
    }

    /// The slug and the name of the organization that owns the apps.
    package static let organizationSlug = "relay"
    /// Ids that are made begin here: far above those that an original which shares the Redis has given to apps.
    package static let firstID: Int64 = 1 << 40
    /// The largest integer that every reader of JSON keeps (RFC 8259, 6).
    package static let lastID: Int64 = (1 << 53) - 1

    private let rows: any DirectoryRows
    private let hosts: HostRules
    private let author: ChangeAuthor
    private let now: Timestamp

    /// - Parameter hosts: which mail addresses are accepted.
    package init(_ rows: any DirectoryRows, hosts: HostRules, author: ChangeAuthor, at now: Timestamp) {
        self.rows = rows
        self.hosts = hosts
        self.author = author
        self.now = now
    }

    /// Makes the app, and what is missing of the organization and its owners.
    ///
    /// - Throws: `fields`, by the names of the members of `Integration`.
    package func create(_ integration: Integration) throws(ManagementRefusal) -> Outcome {
        try check(integration)
        let organization = try organization()
        var owners: [User] = []
        for address in integration.owners { owners.append(try owner(address, of: organization)) }
        return Outcome(app: try app(integration, organization), organization: organization, owners: owners)
    }

    private func check(_ integration: Integration) throws(ManagementRefusal) {
        let slug = integration.slug
        guard Slug.isValid(slug) else { throw ManagementRefusal("slug", "\"\(slug)\" \(Slug.rule)") }
        guard !Slug.looksLikeID(slug) else {
            throw ManagementRefusal("slug", "must not consist of digits alone: paths take that for an id")
        }
        if try directory(rows.isSlugTaken(slug)) {
            throw ManagementRefusal("slug", "the slug \"\(slug)\" is that of a deleted app")
        }
        if let problem = SigningKey.problem(of: integration.clientSecret) {
            throw ManagementRefusal("clientSecret", "the secret \(problem)")
        }
        guard let id = integration.id else { return }
        guard (1...Self.lastID).contains(id) else {
            throw ManagementRefusal("id", "must be between 1 and \(Self.lastID)")
        }
        let app = try directory(rows.app(id: id))
        // Keys in Redis are made of ids: that of a deleted app is not used again.
        let change = try directory(rows.lastChange(of: RowKey(.apps, String(id))))
        if app != nil || change != nil {
            throw ManagementRefusal("id", "another app has the id \(id), or had it")
        }
    }

    private func organization() throws(ManagementRefusal) -> Organization {
        if let organization = try directory(rows.organization(slug: Self.organizationSlug)) { return organization }
        let organization = Organization(
            id: try freeID(of: .organizations), slug: Self.organizationSlug, name: Self.organizationSlug)
        var document = DirectoryDocument()
        document.organizations = [organization]
        try directory(rows.write(document))
        try directory(
            rows.record(
                AuditEntry.Draft(
                    event: AuditEntry.organizationCreated, by: author, organizationID: organization.id,
                    members: [.init(name: "name", value: .string(organization.name))], at: now)))
        return organization
    }

    private func app(
        _ integration: Integration, _ organization: Organization
    ) throws(ManagementRefusal) -> SentryApp {
        let id: Int64
        if let given = integration.id { id = given } else { id = try freeID(of: .apps) }
        var app = SentryApp(
            id: id, slug: integration.slug, name: integration.slug, ownerID: organization.id, status: .internal,
            uuid: RandomText.uuid(), webhookURL: integration.target.url, clientID: RandomText.secret(),
            clientSecret: integration.clientSecret)
        app.verifyInstall = false
        app.dateAdded = now
        app.relayTargets = RelayTargets([integration.target]).stored
        var document = DirectoryDocument()
        document.apps = [DirectoryDocument.AppEntry(app: app, dateAdded: now, components: [])]
        try directory(rows.write(document))
        try directory(
            rows.record(
                AuditEntry.Draft(
                    event: AuditEntry.appCreated, by: author, on: app, changes: ["target \(integration.target.name)"],
                    at: now)))
        return app
    }

    private func freeID(of kind: RowKind) throws(ManagementRefusal) -> Int64 {
        let id = max(Self.firstID, try directory(rows.nextID(of: kind)))
        guard id <= Self.lastID else {
            throw .directory(.conflict(reason: "there is no free id for another \(kind.singular)"))
        }
        return id
    }
}

/// Owners.
extension RelaySetup {
    /// The user with this address, made where there is none, as an owner of the organization.
    private func owner(_ address: String, of organization: Organization) throws(ManagementRefusal) -> User {
        let user = try user(address)
        _ = try MemberChanges(rows, of: organization, author: author, isForced: false, at: now)
            .add(userID: user.id, role: .owner)
        return user
    }

    private func user(_ address: String) throws(ManagementRefusal) -> User {
        guard hosts.acceptsMailAddress(address) else {
            throw ManagementRefusal("owners", "\(FieldText.quoted(address)): \(MailAddressSyntax.rule)")
        }
        var found = try directory(rows.users(email: address))
        if found.isEmpty, let user = try directory(rows.user(username: address)) { found = [user] }
        guard found.count <= 1 else {
            throw ManagementRefusal(
                "owners",
                "several users have the address \(address): leave it out, and make one of them an owner of "
                    + "\(Self.organizationSlug) with 'hookline member add' afterwards")
        }
        guard let user = found.first else { return try newUser(address) }
        guard user.isActive else { throw ManagementRefusal("owners", "the user \(user.username) is disabled") }
        return user
    }

    private func newUser(_ address: String) throws(ManagementRefusal) -> User {
        let fields = JSONValue.object([
            .init(name: "username", value: .string(address)), .init(name: "email", value: .string(address)),
        ])
        do throws(ManagementRefusal) {
            return try UserChanges(rows, author: author, at: now).add(UserFields(fields, hosts: hosts)).user
        } catch {
            guard case .fields(let problems) = error else { throw error }
            throw .fields(
                problems.map { DocumentProblem(path: "owners", message: "\(address): \($0.message)") })
        }
    }
}
