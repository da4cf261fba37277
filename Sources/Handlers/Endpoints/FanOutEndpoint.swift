import Buffer
import Directory
import Model
import Queue
import WebhookRules
import WireJSON

/// `POST organizations/{slug}/webhook-events/`: enqueues one event for every app that is installed in the organization
/// and would get it, and says of each other app why it does not.
///
/// Each installation's entry is one of its own, as if its event had been sent to `events/`, with the same idempotency
/// key: after a failure halfway the same request completes what is missing, and returns the same ids.
enum FanOutEndpoint: Endpoint {
    static let acceptsGet = false
    static let acceptsPost = true

    /// The maximum number of installations: each is a round trip to Redis.
    static let maximumInstallations = 1000

    static func bodyLimit(_ limits: EventLimits) -> Int { limits.maximumEventBytes }

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        try EventPermission.admit(caller, method: method)
    }

    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        let directory = context.directory
        guard let organization = try orUnavailable(directory.organization(slug: context.names.target)) else {
            throw .notFound
        }
        try EventPermission.admit(context.caller, to: organization.id, access: context.access)

        var problems = FieldProblems()
        // The key's form is checked once, with any scope.
        _ = context.request.idempotencyKey(scope: .installation(id: 0), problems: &problems)
        let body = try EventSubmission.json(of: context.request, limit: bodyLimit(context.dependencies.eventLimits))
        let submission = EventSubmission(
            body, text: context.request.body, events: context.events, problems: &problems)
        let projectID = try submission.projectID(in: organization.id, directory: directory, problems: &problems)
        guard problems.isEmpty, let event = submission.event, let data = submission.data else {
            throw .invalidFields(problems.messages)
        }
        let project = try projectID.flatMap { (id) throws(HTTPFailure) in try orUnavailable(directory.project(id: id)) }
        var fanOut = FanOut(event: event, project: project, organization: organization)
        for installation in try installations(in: organization, context) {
            let payload = QueuedEvent(
                event: event.rawValue, installationUUID: installation.uuid, projectID: projectID, data: data,
                actor: submission.actor)
            try fanOut.add(installation, payload, context)
        }
        return EndpointResult(status: 202, body: fanOut.json)
    }

    private static func installations(
        in organization: Organization, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> [Installation] {
        guard let management = context.dependencies.management else {
            throw .managementOff("installations cannot be listed")
        }
        let found = try orUnavailable(
            management.installations(organizationID: organization.id, limit: maximumInstallations + 1))
        guard found.count <= maximumInstallations else {
            throw HTTPFailure(
                status: 409,
                detail: "The organization has more than \(maximumInstallations) installations: send the event to each.")
        }
        return found
    }
}

/// One event on its way to the apps of an organization.
private struct FanOut {
    let event: EventType
    let project: Project?
    let organization: Organization
    private var deliveries: [[UInt8]] = []
    private var skipped: [[UInt8]] = []

    init(event: EventType, project: Project?, organization: Organization) {
        self.event = event
        self.project = project
        self.organization = organization
    }

    var json: [UInt8] {
        var json = JSONObjectWriter()
        json.append("events", objects: deliveries)
        json.append("skipped", objects: skipped)
        return json.finish()
    }

    /// Enqueues the event for an installation, unless a worker would drop it.
    mutating func add(
        _ installation: Installation, _ payload: QueuedEvent, _ context: borrowing RequestContext
    ) throws(HTTPFailure) {
        // Deleted with its app: an installation that stayed behind.
        guard let app = try orUnavailable(context.directory.app(id: installation.appID)) else { return }
        if let reason = try reason(against: app, installation, context) {
            skipped.append(Self.json(of: app, installation, "reason", reason))
            return
        }
        let dependencies = context.dependencies
        // Its form was checked.
        var problems = FieldProblems()
        let key = context.request.idempotencyKey(scope: .installation(id: installation.id), problems: &problems)
        do throws(HTTPFailure) {
            let id = try dependencies.enqueue(
                QueueEntry(
                    id: dependencies.eventIDs.next(), appID: app.id, event: event, enqueuedAt: context.now(),
                    payload: payload.bytes),
                key: key)
            deliveries.append(Self.json(of: app, installation, "id", id))
        } catch {
            guard !deliveries.isEmpty else { throw error }
            throw .fanOutInterrupted(error)
        }
    }

    /// Why a worker would drop the event; nil when it would deliver it.
    private func reason(
        against app: SentryApp, _ installation: Installation, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> String? {
        var settings = context.dependencies.diagnosis
        settings.plan.events = context.events
        let owner = try orUnavailable(context.directory.organization(id: app.ownerID))
        let diagnosis = DeliveryDiagnosis(
            target: DiagnosisTarget(app: app, installation: installation, organization: organization, owner: owner),
            event: event, project: project, settings: settings, audience: .user(seesProjects: true),
            now: context.now())
        return try orUnavailable(diagnosis.firstProblem(in: context.directory))
    }

    private static func json(
        of app: SentryApp, _ installation: Installation, _ name: StaticString, _ value: String
    ) -> [UInt8] {
        var json = JSONObjectWriter()
        json.append("app", text: app.slug)
        json.append("installation", text: installation.uuid)
        json.append(name, text: value)
        return json.finish()
    }
}

extension HTTPFailure {
    /// Some of the entries are in the queue, and of one it is not known.
    fileprivate static func fanOutInterrupted(_ failure: HTTPFailure) -> HTTPFailure {
        unavailable(
            detail: "The event is in the queue for some apps, and for others it is not known. Repeat the request with "
                + "the same Idempotency-Key: it completes what is missing.",
            cause: failure.cause ?? "the event queue failed for one of several apps")
    }
}
