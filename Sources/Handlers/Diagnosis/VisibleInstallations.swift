import Buffer
import Directory
import Model

/// The organizations where an app is installed, as far as a caller may know them: all for a superuser; for others those
/// that they are members of, and those that the app's request log names.
struct VisibleInstallations {
    /// The maximum number of organizations in a message.
    private static let maximumCount = 20
    /// The maximum number of organizations that are looked up; a log has a hundred rows.
    private static let maximumCandidates = 200

    private let app: SentryApp
    private let context: RequestContext

    init(_ app: SentryApp, _ context: RequestContext) {
        self.app = app
        self.context = context
    }

    /// The failure that lists the organizations to choose from.
    func ambiguity() throws(HTTPFailure) -> HTTPFailure {
        let detail = "The app has several installations: name an organization with organizationSlug."
        let slugs = try slugs()
        guard !slugs.isEmpty else { return .badRequest(detail) }
        return .badRequest("\(detail) It is installed at: \(slugs.joined(separator: ", ")).")
    }

    private func slugs() throws(HTTPFailure) -> [String] {
        let candidates = try context.caller.isActiveSuperuser ? installed() : memberships() + logged()
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

    private func installed() throws(HTTPFailure) -> [Int64] {
        try orUnavailable(context.directory.installations(appID: app.id, limit: Self.maximumCandidates))
            .map(\.organizationID)
    }

    private func memberships() throws(HTTPFailure) -> [Int64] {
        guard let user = context.caller.user else { return [] }
        return try orUnavailable(context.directory.memberships(userID: user.id)).map(\.organizationID)
    }

    /// The organizations of the rows that the log endpoint returns.
    private func logged() throws(HTTPFailure) -> [Int64] {
        let page = try context.readLog(WebhookRequestQuery(appID: app.id, events: context.dependencies.events.events))
        let bytes = page.bytes.span
        var ids: [Int64] = []
        for row in page.rows {
            if let id = bytes.integer(row.organizationID) { ids.append(id) }
        }
        return ids
    }
}
