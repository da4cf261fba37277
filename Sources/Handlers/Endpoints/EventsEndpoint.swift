import Buffer
import Directory
import Model
import Queue
import WebhookRules
import WireJSON

/// `POST events/` of an installation: takes in an event that is to be delivered to its app.
///
/// The answer is 202 once Redis has the event. Whether the app subscribes to it is not asked here: the worker decides
/// that when it sends, by what holds then, and this endpoint serves thousands of events a second.
enum EventsEndpoint: Endpoint {
    static let acceptsGet = false
    static let acceptsPost = true

    static func admit(_ caller: Caller, method: String) throws(HTTPFailure) {
        try EventPermission.admit(caller, method: method)
    }

    static func answer(_ visit: RequestState) throws(HTTPFailure) -> Reply {
        let dependencies = visit.dependencies
        let installation = try installation(uuid: visit.names.target, of: dependencies.directory)
        try EventPermission.admit(visit.caller, to: installation, directory: dependencies.directory)
        guard try isLive(appID: installation.appID, of: dependencies.directory) else { throw .notFound }

        var problems = FieldProblems()
        let key = visit.request.idempotencyKey(scope: .installation(id: installation.id), problems: &problems)
        let body = try body(for: installation, visit)
        let submission = EventSubmission(body, events: dependencies.events, problems: &problems)
        let projectID = try submission.projectID(
            in: installation.organizationID, directory: dependencies.directory, problems: &problems)
        guard problems.isEmpty, let event = submission.event, let data = submission.data else {
            throw .invalidFields(problems.messages)
        }

        let payload = QueuedEvent(
            event: event.rawValue, installationUUID: installation.uuid, projectID: projectID, data: data,
            actor: submission.actor)
        let id = try dependencies.enqueue(
            QueueEntry(
                id: dependencies.eventIDs.next(), appID: installation.appID, event: event,
                enqueuedAt: dependencies.clock.now(), payload: payload.bytes),
            key: key)
        var json = JSONObjectWriter()
        json.append("id", text: id)
        return Reply(status: 202, body: json.finish())
    }

    /// The body as JSON. A deleted installation exists for the event that tells its app of the deletion only.
    private static func body(for installation: Installation, _ visit: RequestState) throws(HTTPFailure) -> JSONValue {
        let body: JSONValue
        do throws(HTTPFailure) {
            body = try EventSubmission.json(of: visit.request, limit: visit.dependencies.delivery.maximumEventBytes)
        } catch {
            throw installation.dateDeleted == nil ? error : .notFound
        }
        let event = EventType(rawValue: body["event"]?.string ?? "")
        guard installation.isPresent(for: event) else { throw .notFound }
        return body
    }

    private static func installation(
        uuid: String, of directory: any DeliveryDirectory
    ) throws(HTTPFailure) -> Installation {
        let found: Installation?
        do {
            found = try directory.installation(uuid: uuid)
        } catch {
            throw .unavailable(error)
        }
        guard let found else { throw .notFound }
        return found
    }

    private static func isLive(appID: Int64, of directory: any DeliveryDirectory) throws(HTTPFailure) -> Bool {
        do {
            return try directory.app(id: appID) != nil
        } catch {
            throw .unavailable(error)
        }
    }
}
