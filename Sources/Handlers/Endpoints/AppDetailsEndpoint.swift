import Directory
import Model

/// `GET` of an app itself, for its dashboard and its settings page (docs/protocol.md 4.2).
enum AppDetailsEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let permission: any Permission.Type = DetailsPermission.self

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        EndpointResult(body: AppDocument.json(of: app, for: try ownersPart(of: app, for: context)))
    }

    /// For members of the owning organization and active superusers only. The secret requires every scope that the app
    /// has, since its holder can act as the app.
    private static func ownersPart(
        of app: SentryApp, for context: borrowing RequestContext
    ) throws(HTTPFailure) -> AppDocument.OwnersPart? {
        let directory = context.directory
        let isMember = try AppAccess.isMember(context.caller, of: app.ownerID, directory: directory)
        guard isMember || context.caller.isActiveSuperuser else { return nil }

        var scopes = ScopeSet.all
        if !context.caller.isActiveSuperuser {
            scopes = try AppAccess.scopes(of: context.caller, in: app.ownerID, directory: directory)
        }
        return AppDocument.OwnersPart(
            showsSecret: scopes.isSuperset(of: app.scopes),
            organizationSlug: try orUnavailable(directory.organization(id: app.ownerID))?.slug)
    }
}
