import Directory
import Management
import Model
import WireJSON

/// `GET` and `POST organizations/{slug}/sentry-app-installations/`: the apps that are installed in an organization, and
/// the installation of another one. Its service hook is made with it.
enum InstallationListEndpoint: Endpoint {
    static let acceptsPost = true
    static let isConditional = true

    /// The maximum length of the list.
    static let maximumInstallations = 1000

    private static let readers = ScopeSet.organizationReaders

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        let isReading = method == "GET" || method == "HEAD"
        try ManagementPermission.admit(caller, anyOf: isReading ? readers : ManagementPermission.writers)
    }

    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        let isPost = context.method == .post
        if isPost { _ = try context.management() }
        let slug = context.names.target
        guard let organization = try orUnavailable(context.directory.organization(slug: slug)) else {
            throw .notFound
        }
        try ManagementPermission.require(
            anyOf: isPost ? ManagementPermission.writers : readers, of: context.caller, in: organization.id,
            access: context.access)
        return isPost ? try install(in: organization, context) : try list(of: organization, context)
    }

    private static func list(
        of organization: Organization, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> EndpointResult {
        guard try orUnavailable(context.directory.releases()) == nil else { throw .managedBySentry }
        guard let management = context.dependencies.management else {
            throw .managementOff("management is turned off")
        }
        let paging = try Paging(context.parameters) ?? Paging(rowsPerPage: Paging.maximumRowsPerPage, offset: 0)
        let installations = try orUnavailable(
            management.installations(organizationID: organization.id, limit: maximumInstallations))
        var rows: [[UInt8]] = []
        for installation in installations[paging.range(of: installations.count)] {
            // Nil for an app that was deleted.
            guard let app = try orUnavailable(context.directory.app(id: installation.appID)) else { continue }
            rows.append(InstallationDocument.json(of: installation, app, organization))
        }
        let link = try paging.link(
            rowCount: installations.count, path: "/api/0/organizations/\(organization.slug)/sentry-app-installations/",
            request: context.request, parameters: context.parameters)
        return EndpointResult(
            body: Array("[".utf8) + rows.joined(separator: [UInt8(ascii: ",")]) + Array("]".utf8),
            headers: [("Link", link)])
    }

    private static func install(
        in organization: Organization, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> EndpointResult {
        let value = try context.fields(for: Self.self)
        let fields = try context.orRefused(InstallationFields(value))
        guard let app = try orUnavailable(context.directory.app(slug: fields.appSlug)) else {
            throw HTTPFailure(InstallationChanges.unknownApp)
        }
        let (author, now) = (context.author, context.now())
        let isAdministrator = ManagementPermission.isAdministrator(context.caller)
        let outcome = try context.change(at: now) { (rows) throws(ManagementRefusal) in
            try InstallationChanges(rows, author: author, at: now).install(
                appID: app.id, in: organization, status: fields.status, isAdministrator: isAdministrator)
        }
        return EndpointResult(
            status: outcome.wasPresent ? 200 : 201,
            body: InstallationDocument.json(of: outcome.installation, outcome.app, organization),
            headers: [("ETag", outcome.version.tag)])
    }
}
