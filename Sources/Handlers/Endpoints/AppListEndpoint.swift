import Directory
import Model

/// `GET sentry-apps/`: the apps whose log the caller may read, the newest first, as the original lists its own.
///
/// The original also lists other organizations' published apps, whose logs it does not show; here they are left out.
/// Secrets are never in the list.
enum AppListEndpoint: Endpoint {
    static let acceptsPost = false
    static let isConditional = true

    /// The bound of a list; who has more apps asks for one owner's, or for one status.
    static let maximumApps = 1000

    static func admit(_ caller: Caller, method: String) throws(HTTPFailure) {
        try StatisticsPermission.admit(caller, method: method)
    }

    static func answer(_ visit: RequestState) throws(HTTPFailure) -> Reply {
        let paging = try Paging(visit.parameters) ?? Paging(rowsPerPage: Paging.maximumRowsPerPage, offset: 0)
        let slugs = try slugs(for: visit)
        var apps: [[UInt8]] = []
        for slug in slugs[paging.range(of: slugs.count)] {
            if let app = try json(ofAppAt: slug, directory: visit.dependencies.directory) { apps.append(app) }
        }
        let body = Array("[".utf8) + apps.joined(separator: [UInt8(ascii: ",")]) + Array("]".utf8)
        let link = paging.link(
            rowCount: slugs.count, path: "/api/0/sentry-apps/", request: visit.request, parameters: visit.parameters)
        return Reply(body: body, headers: [("Link", link)])
    }

    private static func slugs(for visit: RequestState) throws(HTTPFailure) -> [String] {
        let status = try status(visit.parameters.nonEmpty("status"))
        let directory = visit.dependencies.directory
        var owners = try readableOrganizations(of: visit.caller, directory: directory)
        do {
            if let slug = visit.parameters.nonEmpty("owner") {
                // An organization that does not exist has no apps, and neither has one that is not the caller's.
                guard let id = try directory.organization(slug: slug)?.id, owners?.contains(id) ?? true else {
                    return []
                }
                owners = [id]
            }
            return try directory.appSlugs(ownedBy: owners, status: status, limit: maximumApps)
        } catch {
            throw .unavailable(error)
        }
    }

    /// The original's three names; nil for anything else, as there.
    private static func status(_ name: String?) throws(HTTPFailure) -> SentryApp.Status? {
        switch name {
        case "published": .published
        case "unpublished": .unpublished
        case "internal": .internal
        default: nil
        }
    }

    /// The organizations whose apps' logs the caller may read; nil = all.
    private static func readableOrganizations(
        of caller: Caller, directory: any AppListing
    ) throws(HTTPFailure) -> [Int64]? {
        if caller.isActiveSuperuser { return nil }
        guard let user = caller.user else { return [] }
        var limit = ScopeSet.organizationReaders
        if case .token(let token, _) = caller { limit = limit.intersection(token.scopes) }
        do {
            return try directory.memberships(userID: user.id).filter { !$0.scopes.isDisjoint(with: limit) }
                .map(\.organizationID)
        } catch {
            throw .unavailable(error)
        }
    }

    /// Nil for an app that was removed after it was listed.
    private static func json(ofAppAt slug: String, directory: any DirectoryStore) throws(HTTPFailure) -> [UInt8]? {
        do {
            guard let app = try directory.app(slug: slug) else { return nil }
            let owner = try directory.organization(id: app.ownerID)
            return AppDocument.json(
                of: app, for: AppDocument.OwnersPart(showsSecret: false, organizationSlug: owner?.slug))
        } catch {
            throw .unavailable(error)
        }
    }
}
