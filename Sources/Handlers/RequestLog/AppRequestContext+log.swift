import Buffer
import Directory
import Model

/// What the two endpoints of the request log share.
extension AppRequestContext {
    /// Reads the log; fails with 503 when Redis does not answer (design, D13).
    func readLog(_ query: WebhookRequestQuery) throws(HTTPFailure) -> WebhookRequestPage {
        do {
            return try dependencies.requestLog.read(query)
        } catch {
            throw .unavailable(error)
        }
    }

    /// The id of the organization with this slug, whatever its status; fails with 400 when there is none.
    func organizationID(slug: String) throws(HTTPFailure) -> Int64 {
        let organization: Organization?
        do {
            organization = try dependencies.directory.organization(slug: slug)
        } catch {
            throw .unavailable(error)
        }
        guard let organization else { throw .badRequest("Invalid organization.") }
        return organization.id
    }
}
