import Directory
import Model

/// `GET sentry-apps/`: the apps whose log the caller may read, the newest first, as the original lists its own. `POST`
/// makes another one (docs/management-api.md).
///
/// The original also lists other organizations' published apps, whose logs it does not show; here they are left out.
/// Secrets are never in the list.
enum AppListEndpoint: Endpoint {
    static let acceptsPost = true
    static let isConditional = true

    /// The maximum length of the list; longer ones have to be filtered by owner or status.
    static let maximumApps = 1000

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        if method == "POST" { return try ManagementPermission.admit(caller) }
        try StatisticsPermission.admit(caller, method: method, rules: rules)
    }

    static func bodyLimit(_ limits: EventLimits) -> Int { RequestContext.maximumManagementBodyBytes }

    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        if context.method == .post { return try AppManagement.create(context) }
        let paging = try Paging(context.parameters) ?? Paging(rowsPerPage: Paging.maximumRowsPerPage, offset: 0)
        let slugs = try slugs(for: context)
        var apps: [[UInt8]] = []
        for slug in slugs[paging.range(of: slugs.count)] {
            if let app = try json(ofAppAt: slug, context) { apps.append(app) }
        }
        let body = Array("[".utf8) + apps.joined(separator: [UInt8(ascii: ",")]) + Array("]".utf8)
        let link = try paging.link(
            rowCount: slugs.count, path: "/api/0/sentry-apps/", request: context.request, parameters: context.parameters
        )
        return EndpointResult(body: body, headers: [("Link", link)])
    }

    private static func slugs(for context: borrowing RequestContext) throws(HTTPFailure) -> [String] {
        let status = status(context.parameters.nonEmpty("status"))
        var owners = try readableOrganizations(of: context.caller, directory: context.directory, context.access)
        if let slug = context.parameters.nonEmpty("owner") {
            // An organization that does not exist has no apps, and neither has one that the caller may not read.
            guard let id = try orUnavailable(context.directory.organization(slug: slug))?.id,
                owners?.contains(id) ?? true
            else { return [] }
            owners = [id]
        }
        return try orUnavailable(context.directory.appSlugs(ownedBy: owners, status: status, limit: maximumApps))
    }

    /// The original's three names; nil for anything else, as there.
    private static func status(_ name: String?) -> SentryApp.Status? {
        switch name {
        case "published": .published
        case "unpublished": .unpublished
        case "internal": .internal
        default: nil
        }
    }

    /// The organizations whose apps' logs the caller may read; nil = all.
    private static func readableOrganizations(
        of caller: Caller, directory: any AppListing, _ access: AppAccess
    ) throws(HTTPFailure) -> [Int64]? {
        if caller.isActiveSuperuser { return nil }
        if case .apiKey(let key) = caller { return [key.organizationID] }
        guard let user = caller.user else { return [] }
        if user.isSentryApp { return try organizations(ofProxyUser: user, directory) }
        let limit = caller.ownScopes.map { $0.intersection(.organizationReaders) } ?? .organizationReaders
        return try orUnavailable(directory.memberships(userID: user.id))
            .filter { !access.scopes(of: $0).isDisjoint(with: limit) }.map(\.organizationID)
    }

    /// The organizations where the proxy user's app is installed, if it has a scope that reads them.
    private static func organizations(ofProxyUser user: User, _ directory: any AppListing) throws(HTTPFailure)
        -> [Int64]
    {
        guard let app = try orUnavailable(directory.app(proxyUserID: user.id)),
            !app.scopes.isDisjoint(with: .organizationReaders)
        else { return [] }
        return try orUnavailable(directory.installations(appID: app.id, limit: maximumApps)).map(\.organizationID)
    }

    /// Nil for an app that was removed after it was listed.
    private static func json(
        ofAppAt slug: String, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> [UInt8]? {
        guard let app = try orUnavailable(context.directory.app(slug: slug)) else { return nil }
        let owner = try orUnavailable(context.directory.organization(id: app.ownerID))
        return AppDocument.json(
            of: app, for: AppDocument.OwnersPart(showsSecret: false, organizationSlug: owner?.slug), context)
    }
}
