import Buffer
import Directory
import Model
import WebhookRules
import WireJSON

/// What the body of a `POST events/` says happened.
extension EventSubmission {
    /// The body as JSON. Without bytes it is an object without members, whatever the content type says.
    ///
    /// Fails with 413 for more than `limit` bytes, with 415 for content types other than JSON, and with 400 for what does
    /// not parse.
    static func json(of request: Request, limit: Int) throws(HTTPFailure) -> JSONValue {
        guard request.body.count <= limit else { throw .bodyTooLarge(bytes: request.body.count, limit: limit) }
        if request.body.isEmpty { return .object([]) }
        let contentType = request.contentType ?? ""
        guard MediaType(contentType).covers(type: "application", subtype: "json"),
            case .json(let value) = try RequestBody(request, limits: JSONValue.Limits(maximumByteCount: limit))
        else { throw .unsupportedMediaType(contentType) }
        return value
    }

    /// The id of the project named; nil when none is, or when the organization has no such project, which is a problem.
    func projectID(
        in organizationID: Int64, directory: any DeliveryDirectory, problems: inout FieldProblems
    ) throws(HTTPFailure) -> Int64? {
        guard let project else { return nil }
        let found: Project?
        do {
            found = try project.project(in: organizationID, directory: directory)
        } catch {
            throw .unavailable(error)
        }
        guard let found else {
            problems.add("project", "The installation's organization has no such project.")
            return nil
        }
        return found.id
    }
}
