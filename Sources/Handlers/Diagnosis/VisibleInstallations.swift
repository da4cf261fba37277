import Buffer
import Directory
import Model

/// The organizations where an app is installed, as far as a caller may know them: all for a superuser; for others those
/// that they are members of, and those that the app's request log names.
enum VisibleInstallations {
    /// The maximum number of organizations in a message.
    private static let maximumCount = 20
    /// The maximum number of organizations that are looked up; a log has a hundred rows.
    private static let maximumCandidates = 200

    /// The failure that lists the organizations to choose from.
    static func ambiguity(of app: SentryApp, _ context: borrowing RequestContext) throws(HTTPFailure) -> HTTPFailure {
        let detail = "The app has several installations: name an organization with organizationSlug."
        let slugs = try slugs(of: app, context)
        guard !slugs.isEmpty else { return .badRequest(detail) }
        return .badRequest("\(detail) It is installed at: \(slugs.joined(separator: ", ")).")
    }

    /// The ids of those organizations in ascending order; at most `limit` of them, or of those that are looked up.
    static func organizationIDs(
        of app: SentryApp, limit: Int, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> [Int64] {
        if context.caller.isActiveSuperuser { return Set(try installed(of: app, limit: limit, context)).sorted() }
        var seen = Set<Int64>()
        let rows = context.everyRow(of: app, context.events, errorsOnly: false)
        let candidates = try (memberships(of: context.caller, context.directory) + logged(rows, context))
            .filter { seen.insert($0).inserted }
        var found: [Int64] = []
        for id in candidates.prefix(maximumCandidates) {
            if try orUnavailable(context.directory.hasInstallation(appID: app.id, organizationID: id)) {
                found.append(id)
            }
        }
        return Array(found.sorted().prefix(limit))
    }

    private static func slugs(of app: SentryApp, _ context: borrowing RequestContext) throws(HTTPFailure) -> [String] {
        let candidates =
            try context.caller.isActiveSuperuser
            ? installed(of: app, limit: Self.maximumCandidates, context)
            : memberships(of: context.caller, context.directory)
                + logged(WebhookRequestQuery(appID: app.id, events: context.events.events), context)
        var seen = Set<Int64>()
        var slugs: [String] = []
        for id in candidates.prefix(Self.maximumCandidates) where seen.insert(id).inserted {
            guard slugs.count < Self.maximumCount else { break }
            guard try orUnavailable(context.directory.hasInstallation(appID: app.id, organizationID: id)),
                let slug = try orUnavailable(context.directory.organization(id: id))?.slug
            else { continue }
            slugs.append(slug)
        }
        return slugs
    }

    private static func installed(
        of app: SentryApp, limit: Int, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> [Int64] {
        try orUnavailable(context.directory.installations(appID: app.id, limit: limit)).map(\.organizationID)
    }

    private static func memberships(of caller: Caller, _ directory: any DeliveryDirectory & AppListing)
        throws(HTTPFailure) -> [Int64]
    {
        if case .apiKey(let key) = caller { return [key.organizationID] }
        guard let user = caller.user else { return [] }
        return try orUnavailable(directory.memberships(userID: user.id)).map(\.organizationID)
    }

    /// The organizations of rows of the log.
    private static func logged(
        _ query: WebhookRequestQuery, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> [Int64] {
        let page = try context.readLog(query)
        let bytes = page.bytes.span
        var ids: [Int64] = []
        for row in page.rows {
            if let id = bytes.integer(row.organizationID) { ids.append(id) }
        }
        return ids
    }
}
