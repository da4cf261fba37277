import Directory
import Model

/// `GET` of an app itself, for its dashboard and its settings page (docs/protocol.md 4.2).
enum AppDetailsEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let permission: any Permission.Type = DetailsPermission.self
    static let mayRefuseDisabledApps = true

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        let part = try ownersPart(of: app, for: context)
        return EndpointResult(body: AppDocument.json(of: app, for: part, context))
    }

    /// For members of the owning organization and active superusers only, and only where the copies that details are
    /// decided from have the organization. The secret requires every scope that the app has, since its holder can act
    /// as the app.
    private static func ownersPart(
        of app: SentryApp, for context: borrowing RequestContext
    ) throws(HTTPFailure) -> AppDocument.OwnersPart? {
        let (caller, access) = (context.caller, context.access)
        let isVisible =
            try caller.isActiveSuperuser ? true : access.isMemberInCopies(caller, of: app.ownerID)
        guard isVisible, let owner = try orUnavailable(context.directory.organizationInCopies(id: app.ownerID)) else {
            return nil
        }
        let scopes = try caller.isActiveSuperuser ? ScopeSet.all : access.scopes(of: caller, in: app.ownerID)
        return AppDocument.OwnersPart(
            showsSecret: scopes.isSuperset(of: app.scopes), organizationSlug: owner.slug)
    }
}
