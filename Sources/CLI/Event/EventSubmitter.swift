import Buffer
import Directory
import Model
import Queue
import Redis
import WebhookRules
import WireJSON

/// Puts events into the queue, with the checks of the enqueue endpoint.
final class EventSubmitter {
    private let directory: any DeliveryDirectory
    private let queue: DeliveryQueue
    private let catalogue: EventCatalogue
    private var installations: [String: Installation] = [:]

    /// - Parameter catalogue: the events that can be sent.
    init(directory: any DeliveryDirectory, queue: DeliveryQueue, catalogue: EventCatalogue) {
        self.directory = directory
        self.queue = queue
        self.catalogue = catalogue
    }

    /// What became of an event that was right.
    enum Outcome: Hashable {
        case accepted(id: String)
        /// Sent before under the same key, with this id.
        case repeated(id: String)
        case full(depth: Int, bound: Int)
    }

    /// Enqueues; Redis has the event when this returns `accepted`.
    ///
    /// - Parameter body: what the endpoint takes: an object with `event`, `data`, `actor`, `project`.
    /// - Throws: `data` when something is wrong with the event, else what cannot be used.
    func submit(
        _ body: JSONValue, installation uuid: String, idempotencyKey: String? = nil
    ) throws(CommandFailure) -> Outcome {
        let installation = try installation(uuid: uuid)
        var problems = FieldProblems()
        var key: IdempotencyKey?
        if let idempotencyKey {
            // As the enqueue endpoint does it: the same key there and here is the same event.
            key = IdempotencyKey(idempotencyKey, scope: .installation(id: installation.id))
            if key == nil {
                problems.add(
                    "idempotency_key", "Must be 1 to \(IdempotencyKey.maximumBytes) printable characters of ASCII.")
            }
        }
        let submission = EventSubmission(body, events: catalogue, problems: &problems)
        guard problems.isEmpty, let event = submission.event, let data = submission.data else {
            throw CommandFailure(.data, problems.messages.map { "\($0.field): \($0.message)" }.joined(separator: " "))
        }
        guard installation.isPresent(for: event) else {
            throw CommandFailure(
                .data,
                "installation: \"\(uuid)\" is deleted, and \(EventType.installationDeleted.rawValue) is all that it is "
                    + "still sent")
        }
        let projectID = try projectID(submission.project, organizationID: installation.organizationID)
        let payload = QueuedEvent(
            event: event.rawValue, installationUUID: installation.uuid, projectID: projectID, data: data,
            actor: submission.actor)
        return try enqueue(payload, appID: installation.appID, idempotencyKey: key)
    }

    /// Enqueues a payload under a new id.
    func enqueue(
        _ payload: QueuedEvent, appID: Int64, idempotencyKey: IdempotencyKey? = nil
    ) throws(CommandFailure) -> Outcome {
        let entry = QueueEntry(
            id: EventIDSource.random.next(), appID: appID, event: EventType(rawValue: payload.event),
            enqueuedAt: .now(), payload: payload.bytes, originalID: payload.originalID)
        let result = try reportingRedisErrors { () throws(RedisError) in
            try queue.enqueue(entry, idempotencyKey: idempotencyKey)
        }
        switch result {
        case .accepted(let id): return .accepted(id: id)
        case .duplicate(let id): return .repeated(id: id)
        case .full(let depth, let bound): return .full(depth: depth, bound: bound)
        case .tooLarge(let what, let bytes, let limit):
            throw CommandFailure(.data, "the \(what) has \(bytes) bytes, the limit is \(limit)")
        }
    }

    private func installation(uuid: String) throws(CommandFailure) -> Installation {
        if let known = installations[uuid] { return known }
        let found = try reportingDirectoryErrors { () throws(DirectoryError) in
            try directory.installation(uuid: uuid)
        }
        guard let found else {
            throw CommandFailure(.data, "installation: the directory has no installation \"\(uuid)\"")
        }
        installations[uuid] = found
        return found
    }

    private func projectID(
        _ name: EventSubmission.ProjectName?, organizationID: Int64
    ) throws(CommandFailure) -> Int64? {
        guard let name else { return nil }
        let project = try reportingDirectoryErrors { () throws(DirectoryError) in
            try name.project(in: organizationID, directory: directory)
        }
        guard let project else {
            throw CommandFailure(.data, "project: the installation's organization has no project \(name.text)")
        }
        return project.id
    }
}

extension EventSubmission.ProjectName {
    /// For messages.
    fileprivate var text: String {
        switch self {
        case .id(let id): String(id)
        case .slug(let slug): "\"\(slug)\""
        }
    }
}

extension CommandFailure {
    /// The queue did not take an event because it is full.
    static func queueIsFull(depth: Int, bound: Int, _ rest: String) -> CommandFailure {
        CommandFailure(.tryLater, "the queue is full (\(depth) of at most \(bound)): \(rest)")
    }
}
