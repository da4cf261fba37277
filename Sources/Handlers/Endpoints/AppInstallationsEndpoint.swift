import Directory
import Model

/// `GET installations/` of an app: where it is installed, as far as the caller may know. Those who read the app's log
/// choose an organization from it.
enum AppInstallationsEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let isConditional = true
    static let permission: any Permission.Type = LogPermission.self

    /// The maximum length of the list.
    static let maximumInstallations = 1000

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        let paging = try Paging(context.parameters) ?? Paging(rowsPerPage: Paging.maximumRowsPerPage, offset: 0)
        let organizations = try VisibleInstallations.organizationIDs(of: app, limit: maximumInstallations, context)
        var rows: [[UInt8]] = []
        for id in organizations[paging.range(of: organizations.count)] {
            // Nil for what was removed meanwhile.
            guard
                let installation = try orUnavailable(context.directory.installation(appID: app.id, organizationID: id)),
                installation.dateDeleted == nil,
                let organization = try orUnavailable(context.directory.organization(id: id))
            else { continue }
            rows.append(InstallationDocument.json(of: installation, app, organization))
        }
        let link = try paging.link(
            rowCount: organizations.count, path: "/api/0/sentry-apps/\(app.slug)/installations/",
            request: context.request, parameters: context.parameters)
        return EndpointResult(
            body: Array("[".utf8) + rows.joined(separator: [UInt8(ascii: ",")]) + Array("]".utf8),
            headers: [("Link", link)])
    }
}
