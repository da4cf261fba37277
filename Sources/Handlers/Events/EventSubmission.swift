import Directory
import Model
import WireJSON

/// What the body of a `POST events/` says happened. Members that are wrong are nil, and the problems say why.
struct EventSubmission {
    /// How a body names a project.
    enum ProjectName: Equatable {
        case id(Int64)
        case slug(String)
    }

    private(set) var event: EventType?
    /// One object.
    private(set) var data: JSONValue?
    /// The members that a webhook's actor has, in its order (contract 7.2); nil for the platform itself.
    private(set) var actor: JSONValue?
    private(set) var project: ProjectName?

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

    /// Reads every member, and collects in `problems` what is wrong with each.
    init(_ body: JSONValue, events: EventCatalogue, problems: inout FieldProblems) {
        guard case .object(let members) = body else {
            problems.add("non_field_errors", "Invalid data. Expected an object, but got \(body.kind).")
            return
        }
        event = EventSubmission.event(body["event"], among: events, problems: &problems)
        data = EventSubmission.data(body["data"], problems: &problems)
        actor = EventSubmission.actor(body["actor"], problems: &problems)
        project = EventSubmission.project(body["project"], problems: &problems)
        problems.addUnknown(members, known: ["event", "data", "actor", "project"])
    }

    /// The id of the project named; nil when none is, or when the organization has no such project, which is a problem.
    func projectID(
        in organizationID: Int64, directory: any DeliveryDirectory, problems: inout FieldProblems
    ) throws(HTTPFailure) -> Int64? {
        guard let project else { return nil }
        let found: Project?
        do {
            switch project {
            case .id(let id): found = try directory.project(id: id)
            case .slug(let slug): found = try directory.project(slug: slug, organizationID: organizationID)
            }
        } catch {
            throw .unavailable(error)
        }
        guard let found, found.organizationID == organizationID else {
            problems.add("project", "The installation's organization has no such project.")
            return nil
        }
        return found.id
    }
}
