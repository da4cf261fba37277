import Buffer
import Directory
import Model
import Queue
import WebhookRules
import WireJSON

/// `POST events/` of an installation: enqueues an event for delivery to its app.
///
/// The response is 202 once Redis has the event. Whether the app subscribes to it is not checked here: the worker
/// decides that when it delivers, and this endpoint serves thousands of events a second.
enum EventsEndpoint: Endpoint {
    static let acceptsGet = false
    static let acceptsPost = true

    static func bodyLimit(_ limits: EventLimits) -> Int { limits.maximumEventBytes }

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        try EventPermission.admit(caller, method: method)
    }

    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        let dependencies = context.dependencies
        let directory = dependencies.directory
        guard let installation = try orUnavailable(directory.installation(uuid: context.names.target)) else {
            throw .notFound
        }
        try EventPermission.admit(context.caller, to: installation, access: context.access)
        guard try orUnavailable(directory.app(id: installation.appID)) != nil else { throw .notFound }

        var problems = FieldProblems()
        let key = context.request.idempotencyKey(scope: .installation(id: installation.id), problems: &problems)
        let body = try body(for: installation, context)
        let submission = EventSubmission(
            body, text: context.request.body, events: context.events, problems: &problems)
        let projectID = try submission.projectID(
            in: installation.organizationID, directory: directory, problems: &problems)
        guard problems.isEmpty, let event = submission.event, let data = submission.data else {
            throw .invalidFields(problems.messages)
        }

        let payload = QueuedEvent(
            event: event.rawValue, installationUUID: installation.uuid, projectID: projectID, data: data,
            actor: submission.actor)
        let id = try dependencies.enqueue(
            QueueEntry(
                id: dependencies.eventIDs.next(), appID: installation.appID, event: event,
                enqueuedAt: context.now(), payload: payload.bytes),
            key: key)
        var json = JSONObjectWriter()
        json.append("id", text: id)
        return EndpointResult(status: 202, body: json.finish())
    }

    /// The body as JSON. A deleted installation exists only for the event that reports its deletion to the app.
    private static func body(for installation: Installation, _ context: borrowing RequestContext) throws(HTTPFailure)
        -> JSONValue
    {
        let body: JSONValue
        do throws(HTTPFailure) {
            body = try EventSubmission.json(
                of: context.request, limit: bodyLimit(context.dependencies.eventLimits))
        } catch {
            throw installation.dateDeleted == nil ? error : .notFound
        }
        let event = EventType(rawValue: body["event"]?.string ?? "")
        guard installation.isPresent(for: event) else { throw .notFound }
        return body
    }
}
