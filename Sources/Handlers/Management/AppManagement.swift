import Directory
import Management
import Model
import WireJSON

/// What `POST sentry-apps/`, `PUT` and `DELETE` of an app, and `GET` of its settings do (docs/management-api.md).
enum AppManagement {
    static func create(_ context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        _ = try context.management()
        let value = try context.fields(for: AppListEndpoint.self)
        let fields = try context.orRefused(AppFields(value, isNew: true))
        let owner = try owner(named: fields.organizationSlug, fields, context)
        let (rules, now) = (try context.appRules(in: owner.id), context.now())
        let outcome = try context.change(at: now) { (rows) throws(ManagementRefusal) in
            try context.appChanges(rows, rules: rules, at: now).create(fields, owner: owner)
        }
        return result(outcome.app, outcome.version, owner, showsSecret: true, status: 201, context)
    }

    /// Callers who may not own apps in an organization do not learn whether it exists.
    private static func owner(
        named slug: String?, _ fields: AppFields, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> Organization {
        guard let slug else {
            try context.orRefused(fields.throwProblems())
            throw .forbidden
        }
        let organization = try orUnavailable(context.directory.organization(slug: slug))
        guard let organization else {
            guard ManagementPermission.isAdministrator(context.caller) else { throw .forbidden }
            throw HTTPFailure(ManagementRefusal("organization", "there is no organization with this slug"))
        }
        try ManagementPermission.require(of: context.caller, in: organization.id, access: context.access)
        return organization
    }

    static func update(_ context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        let app = try managedApp(context)
        let value = try context.fields(for: AppDetailsEndpoint.self)
        let fields = try context.orRefused(AppFields(value, isNew: false))
        let (rules, now) = (try context.appRules(in: app.ownerID), context.now())
        let outcome = try context.change(at: now) { (rows) throws(ManagementRefusal) in
            try context.appChanges(rows, rules: rules, at: now).update(appID: app.id, fields)
        }
        let owner = try orUnavailable(context.directory.organization(id: app.ownerID))
        return result(outcome.app, outcome.version, owner, showsSecret: false, status: 200, context)
    }

    /// The app as `update` answers it, for callers who may change it. Fails with 409 where an update would, because
    /// stored secrets are damaged.
    static func settings(_ context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        let known = try managedApp(context)
        var (app, version) = try stored(known, context)
        // It may have got another owner since the caches have read it.
        if app.ownerID != known.ownerID {
            try ManagementPermission.require(of: context.caller, in: app.ownerID, access: context.access)
        }
        if let problem = app.secretProblem { throw HTTPFailure(.damagedSecrets("The app \(problem).")) }
        let now = context.now()
        app.previousSecrets.removeAll { !$0.isValid(at: now) }
        let owner = try orUnavailable(context.directory.organization(id: app.ownerID))
        return result(app, version, owner, showsSecret: false, status: 200, context)
    }

    /// An app and its version, both of the same state, whatever is cached. Fails with 404 for one that is deleted.
    private static func stored(
        _ app: SentryApp, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> (app: SentryApp, version: RowVersion) {
        let management = try context.management()
        for _ in 1...readAttempts {
            guard let (app, changedAt) = try orUnavailable(management.currentApp(id: app.id)) else { continue }
            return (app, RowVersion(of: RowKey(.apps, String(app.id)), changedAt: changedAt))
        }
        throw .unknownApp(under: context.rules)
    }

    /// How often an app is read that changes while it is read.
    private static let readAttempts = 3

    static func delete(_ context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        let app = try managedApp(context)
        let (rules, now) = (try context.appRules(in: app.ownerID), context.now())
        _ = try context.change(at: now) { (rows) throws(ManagementRefusal) in
            try context.appChanges(rows, rules: rules, at: now).delete(appID: app.id)
        }
        return EndpointResult(status: 204, body: [])
    }

    /// The app that the path names, if the caller may change it. Fails with 403 or 404.
    static func managedApp(_ context: borrowing RequestContext) throws(HTTPFailure) -> SentryApp {
        _ = try context.management()
        guard let app = try context.namedApp() else { throw .unknownApp(under: context.rules) }
        let access = context.access
        try access.requireOwner(of: app)
        try ManagementPermission.require(of: context.caller, in: app.ownerID, access: access)
        return app
    }

    /// The app as it is now, and its tag for `If-Match`: both of the same state, whatever is cached. Nil beside an
    /// original, where that state is not known, and where the caller's rights, which were decided on the cached app,
    /// could be others now.
    static func current(
        _ app: SentryApp, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> (app: SentryApp, tag: String)? {
        guard let management = context.dependencies.management,
            try orUnavailable(context.directory.releases()) == nil,
            let (current, changedAt) = try orUnavailable(management.currentApp(id: app.id)),
            current.ownerID == app.ownerID, current.scopes == app.scopes, current.status == app.status,
            current.isDisabled == app.isDisabled
        else { return nil }
        return (current, RowVersion(of: RowKey(.apps, String(app.id)), changedAt: changedAt).tag)
    }

    private static func result(
        _ app: SentryApp, _ version: RowVersion, _ owner: Organization?, showsSecret: Bool, status: Int,
        _ context: borrowing RequestContext
    ) -> EndpointResult {
        let part = AppDocument.OwnersPart(showsSecret: showsSecret, organizationSlug: owner?.slug)
        var app = app
        app.events = app.subscriptions
        let body = AppDocument.json(of: app, for: part, context, hasOwnSettings: true)
        return EndpointResult(
            status: status, body: body, headers: [("ETag", version.tag), ("Cache-Control", "no-store")])
    }
}
