import Buffer
import Directory
import Model

/// The organizations where an app is installed, as far as a caller may know them: all for a superuser; for others those
/// that they are members of, and those that the app's request log names.
struct VisibleInstallations {
    /// Organizations that are named.
    private static let maximumCount = 20
    /// Organizations that are looked at; a log has a hundred rows.
    private static let maximumCandidates = 200

    private let call: AppRequestContext

    init(_ call: AppRequestContext) {
        self.call = call
    }

    /// The refusal that says which organizations there are to choose from.
    func choice() throws(HTTPFailure) -> HTTPFailure {
        let detail = "The app has several installations: name an organization with organizationSlug."
        let slugs = try slugs()
        guard !slugs.isEmpty else { return .badRequest(detail) }
        return .badRequest("\(detail) It is installed at: \(slugs.joined(separator: ", ")).")
    }

    private func slugs() throws(HTTPFailure) -> [String] {
        let candidates = try call.caller.isActiveSuperuser ? everywhere() : memberships() + logged()
        let directory = call.dependencies.directory
        var seen = Set<Int64>()
        var slugs: [String] = []
        do throws(DirectoryError) {
            for id in candidates.prefix(Self.maximumCandidates) where seen.insert(id).inserted {
                guard slugs.count < Self.maximumCount else { break }
                guard try directory.hasInstallation(appID: call.app.id, organizationID: id),
                    let slug = try directory.organization(id: id)?.slug
                else { continue }
                slugs.append(slug)
            }
        } catch {
            throw .unavailable(error)
        }
        return slugs
    }

    private func everywhere() throws(HTTPFailure) -> [Int64] {
        do {
            return try call.dependencies.directory.installations(appID: call.app.id, limit: Self.maximumCandidates)
                .map(\.organizationID)
        } catch {
            throw .unavailable(error)
        }
    }

    private func memberships() throws(HTTPFailure) -> [Int64] {
        guard let user = call.caller.user else { return [] }
        do {
            return try call.dependencies.directory.memberships(userID: user.id).map(\.organizationID)
        } catch {
            throw .unavailable(error)
        }
    }

    /// The organizations of the rows that the log endpoint shows.
    private func logged() throws(HTTPFailure) -> [Int64] {
        let page = try call.readLog(WebhookRequestQuery(appID: call.app.id, events: call.dependencies.events.events))
        let bytes = page.bytes.span
        var ids: [Int64] = []
        for row in page.rows {
            if let id = bytes.integer(row.organizationID) { ids.append(id) }
        }
        return ids
    }
}
