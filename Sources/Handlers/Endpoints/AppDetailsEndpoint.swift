import Directory
import Model

/// `GET` of an app itself, for its dashboard and its settings page (docs/protocol.md 4.2); `PUT` and `DELETE` change
/// and delete it (docs/management-api.md).
enum AppDetailsEndpoint: Endpoint {
    static let acceptsPost = false
    static let acceptsPut = true
    static let acceptsDelete = true

    static func bodyLimit(_ limits: EventLimits) -> Int { RequestContext.maximumManagementBodyBytes }

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        if method == "PUT" || method == "DELETE" { return try ManagementPermission.admit(caller) }
        try DetailsPermission.admit(caller, method: method, rules: rules)
    }

    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        switch context.method {
        case .get, .post: try details(context)
        case .put: try AppManagement.update(context)
        case .delete: try AppManagement.delete(context)
        }
    }

    /// The owner's part is for members of the owning organization and active superusers only, and only where the copies
    /// that details are decided from have the organization. The secret requires every scope that the app has, since its
    /// holder can act as the app.
    private static func details(_ context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        guard let app = try context.namedApp() else { throw .unknownApp(under: context.rules) }
        try context.access.requireOwner(of: app)
        let membership = try DetailsPermission.membership(of: context.caller, in: app, access: context.access)
        try context.requireEnabled(app)
        let ownersPart = membership.map { owner, scopes in
            AppDocument.OwnersPart(
                showsSecret: scopes.isSuperset(of: app.scopes), organizationSlug: owner.slug)
        }
        // The tag of a newer state than the body's would let a change of the caller undo another one.
        let current = ownersPart == nil ? nil : try AppManagement.current(app, context)
        var result = EndpointResult(body: AppDocument.json(of: current?.app ?? app, for: ownersPart, context))
        if let current { result.headers = [("ETag", current.tag)] }
        return result
    }
}
