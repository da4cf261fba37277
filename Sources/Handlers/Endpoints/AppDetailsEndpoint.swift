import Directory
import Model

/// `GET` of an app itself: what its dashboard and its settings page show (contract 4.2).
enum AppDetailsEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let permission: any Permission.Type = DetailsPermission.self

    static func respond(to call: AppRequestContext) throws(HTTPFailure) -> Reply {
        Reply(body: AppDocument.json(of: call.app, for: try ownersPart(for: call)))
    }

    /// Only for members of the owning organization and active superusers. The secret is for those who hold every scope
    /// that the app has, since with it they can act as the app.
    private static func ownersPart(for call: AppRequestContext) throws(HTTPFailure) -> AppDocument.OwnersPart? {
        let directory = call.dependencies.directory
        let app = call.app
        let isMember = try AppAccess.isMember(call.caller, of: app.ownerID, directory: directory)
        guard isMember || call.caller.isActiveSuperuser else { return nil }

        var scopes = ScopeSet.all
        if !call.caller.isActiveSuperuser {
            scopes = try AppAccess.scopes(of: call.caller, in: app.ownerID, directory: directory)
        }
        return AppDocument.OwnersPart(
            showsSecret: scopes.isSuperset(of: app.scopes),
            organizationSlug: try slug(ofOrganization: app.ownerID, directory: directory))
    }

    private static func slug(ofOrganization id: Int64, directory: any DirectoryStore) throws(HTTPFailure) -> String? {
        do {
            return try directory.organization(id: id)?.slug
        } catch {
            throw .unavailable(error)
        }
    }
}
