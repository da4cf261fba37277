import Buffer
import Directory
import Model
import Queue
import Redis
import WebhookRules
import WireJSON

/// Enqueues events, with the checks of the enqueue endpoint.
final class EventSubmitter {
    private let directory: any DeliveryDirectory
    private let queue: DeliveryQueue
    private let catalogue: EventCatalogue
    private var installations: [String: Installation] = [:]

    /// - Parameter catalogue: the events that can be enqueued.
    init(directory: any DeliveryDirectory, queue: DeliveryQueue, catalogue: EventCatalogue) {
        self.directory = directory
        self.queue = queue
        self.catalogue = catalogue
    }

    /// The result of enqueueing a valid event.
    enum Outcome: Hashable {
        case accepted(id: String)
        /// Enqueued before with the same idempotency key, under this id.
        case duplicate(id: String)
        case full(QueueLimit)
    }

    /// Enqueues; Redis has the event when this returns `accepted`.
    ///
    /// - Parameters:
    ///   - body: the body of the enqueue endpoint: an object with `event`, `data`, `actor`, `project`.
    ///   - text: a JSON text whose `data` and `actor` those of `body` were parsed from: they are passed on as they are.
    /// - Throws: `data` when the event is invalid.
    func submit(
        _ body: JSONValue, text: [UInt8], installation uuid: String, idempotencyKey: String? = nil
    ) throws(CommandFailure) -> Outcome {
        let installation = try installation(uuid: uuid)
        var problems = FieldProblems()
        var key: IdempotencyKey?
        if let idempotencyKey {
            // With the scope of the enqueue endpoint: the same key there and here is the same event.
            key = IdempotencyKey(idempotencyKey, scope: .installation(id: installation.id))
            if key == nil {
                problems.add(
                    "idempotency_key", "Must be 1 to \(IdempotencyKey.maximumBytes) printable characters of ASCII.")
            }
        }
        let submission = EventSubmission(body, text: text, events: catalogue, problems: &problems)
        guard problems.isEmpty, let event = submission.event, let data = submission.data else {
            throw CommandFailure(.data, message(problems, body))
        }
        guard installation.isPresent(for: event) else {
            throw CommandFailure(
                .data,
                "installation: \"\(uuid)\" is deleted: it only gets \(EventType.installationDeleted.rawValue)")
        }
        let projectID = try projectID(submission.project, organizationID: installation.organizationID)
        let payload = QueuedEvent(
            event: event.rawValue, installationUUID: installation.uuid, projectID: projectID, data: data,
            actor: submission.actor)
        return try enqueue(payload, appID: installation.appID, idempotencyKey: key)
    }

    /// All problems; last that of an unknown event, which lists the known ones.
    private func message(_ problems: FieldProblems, _ body: JSONValue) -> String {
        var unknownEvent: String?
        if let name = body["event"]?.string, !catalogue.contains(EventType(rawValue: name)) {
            unknownEvent = catalogue.unknownEvent(FieldProblems.shortened(name))
        }
        let others = problems.messages.filter { $0.field != "event" || unknownEvent == nil }
        return (others.map { "\($0.field): \($0.message)" } + [unknownEvent].compactMap(\.self)).joined(separator: " ")
    }

    /// Enqueues a payload under a new id.
    func enqueue(
        _ payload: QueuedEvent, appID: Int64, idempotencyKey: IdempotencyKey? = nil
    ) throws(CommandFailure) -> Outcome {
        try enqueue(
            QueueEntry(
                id: EventIDSource.random.next(), appID: appID, event: EventType(rawValue: payload.event),
                enqueuedAt: .now(), payload: payload.bytes, originalID: payload.originalID),
            idempotencyKey: idempotencyKey)
    }

    /// Enqueues an entry.
    func enqueue(_ entry: QueueEntry, idempotencyKey: IdempotencyKey?) throws(CommandFailure) -> Outcome {
        let result = try reportingRedisErrors(try queue.enqueue(entry, idempotencyKey: idempotencyKey))
        switch result {
        case .accepted(let id): return .accepted(id: id)
        case .duplicate(let id): return .duplicate(id: id)
        case .full(let limit): return .full(limit)
        case .tooLarge(let what, let bytes, let limit):
            throw CommandFailure(.data, "the \(what) has \(bytes) bytes, the limit is \(limit)")
        }
    }

    private func installation(uuid: String) throws(CommandFailure) -> Installation {
        if let known = installations[uuid] { return known }
        let found = try reportingDirectoryErrors(try directory.installation(uuid: uuid))
        guard let found else {
            throw CommandFailure(.data, "installation: no such installation: \(uuid)")
        }
        installations[uuid] = found
        return found
    }

    private func projectID(
        _ name: EventSubmission.ProjectName?, organizationID: Int64
    ) throws(CommandFailure) -> Int64? {
        guard let name else { return nil }
        let project = try reportingDirectoryErrors(try name.project(in: organizationID, directory: directory))
        guard let project else {
            throw CommandFailure(.data, "project: no such project in the installation's organization: \(name.text)")
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
    /// The queue is full, or the app has its share of it, and did not accept an event.
    static func queueIsFull(_ limit: QueueLimit, _ advice: String) -> CommandFailure {
        CommandFailure(.tryLater, "\(limit.reason): \(advice)")
    }
}
