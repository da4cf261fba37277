import Buffer
import Directory
import Model

/// Puts events into the queue, with the checks of the enqueue endpoint.
final class EventSubmitter {
    private let directory: any DeliveryDirectory
    private let queue: DeliveryQueue
    private var installations: [String: Installation] = [:]

    init(directory: any DeliveryDirectory, queue: DeliveryQueue) {
        self.directory = directory
        self.queue = queue
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
    /// - Throws: `data` when something is wrong with the event, else what cannot be used.
    func submit(
        _ submission: EventSubmission, installation uuid: String, idempotencyKey: String? = nil
    ) throws(CommandFailure) -> Outcome {
        if let idempotencyKey { try EventSubmitter.check(idempotencyKey) }
        let installation = try installation(uuid: uuid)
        let projectID = try projectID(submission.project, organizationID: installation.organizationID)
        let payload = submission.queuedEvent(installationUUID: installation.uuid, projectID: projectID)
        // As the enqueue endpoint does it: the same key there and here is the same event.
        return try enqueue(
            payload, appID: installation.appID, idempotencyKey: idempotencyKey.map { "\(installation.id):\($0)" })
    }

    private static func check(_ key: String) throws(CommandFailure) {
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw CommandFailure(.data, "idempotency_key: must be 1 to 255 printable characters of ASCII")
        }
    }

    /// Enqueues a payload under a new id.
    func enqueue(
        _ payload: QueuedEvent, appID: Int64, idempotencyKey: String? = nil
    ) throws(CommandFailure) -> Outcome {
        let entry = QueueEntry(
            id: EventSubmitter.newID(), appID: appID, event: EventType(rawValue: payload.event),
            enqueuedAt: .now(), payload: payload.bytes, originalID: payload.originalID)
        let result = try reportingBufferErrors { () throws(BufferError) in
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

    /// 128 random bits as 32 lower-case hexadecimal digits: a webhook's `Request-ID`.
    static func newID() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
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
        _ reference: EventSubmission.ProjectReference?, organizationID: Int64
    ) throws(CommandFailure) -> Int64? {
        guard let reference else { return nil }
        let project = try reportingDirectoryErrors { () throws(DirectoryError) -> Project? in
            switch reference {
            case .id(let id): try directory.project(id: id)
            case .slug(let slug): try directory.project(slug: slug, organizationID: organizationID)
            }
        }
        guard let project, project.organizationID == organizationID else {
            throw CommandFailure(.data, "project: the installation's organization has no project \(reference.text)")
        }
        return project.id
    }
}

extension EventSubmission.ProjectReference {
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
