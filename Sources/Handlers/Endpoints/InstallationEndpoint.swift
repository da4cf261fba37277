import Directory
import Management
import Model

/// `DELETE sentry-app-installations/{uuid}/`: uninstalls an app.
///
/// For everybody but the members of the organization an installation does not exist, as for `events/`.
enum InstallationEndpoint: Endpoint {
    static let acceptsGet = false
    static let acceptsPost = false
    static let acceptsDelete = true

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        try ManagementPermission.admit(caller)
    }

    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        _ = try context.management()
        let found = try orUnavailable(context.directory.installation(uuid: context.names.target))
        guard let installation = found, installation.dateDeleted == nil else { throw .notFound }
        try requireWriter(of: installation, context)
        let (author, now, expected) = (context.author, context.now(), context.request.ifMatch)
        try context.change(at: now) { (rows) throws(ManagementRefusal) in
            try InstallationChanges(rows, author: author, expected: expected, at: now)
                .uninstall(uuid: installation.uuid, from: installation.organizationID)
        }
        return EndpointResult(status: 204, body: [])
    }

    private static func requireWriter(
        of installation: Installation, _ context: borrowing RequestContext
    ) throws(HTTPFailure) {
        let (caller, access) = (context.caller, context.access)
        let organizationID = installation.organizationID
        let scopes = try ManagementPermission.scopes(of: caller, in: organizationID, access: access)
        guard scopes.isDisjoint(with: ManagementPermission.writers) else { return }
        guard let user = caller.user, try access.memberScopes(userID: user.id, in: organizationID) != nil else {
            throw .notFound
        }
        throw .forbidden
    }
}
