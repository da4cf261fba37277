import Buffer
import Directory
import Model
import Queue
import WebhookRules
import WireJSON

extension Dependencies {
    /// Enqueues an entry and returns its id in the queue: its own, or that of an earlier entry with the same
    /// idempotency key. When this returns, Redis has it.
    ///
    /// Fails with 503 when the queue is full or unavailable, and with 413 when the entry exceeds its limits.
    func enqueue(_ entry: QueueEntry, key: IdempotencyKey?) throws(HTTPFailure) -> String {
        try id(of: orUnavailable(HTTPFailure.queueUnavailable, queue.enqueue(entry, idempotencyKey: key)))
    }

    /// The id of the entry that an enqueue has added, or found.
    func id(of result: EnqueueResult) throws(HTTPFailure) -> String {
        switch result {
        case .accepted(let id), .duplicate(let id): return id
        case .full(let limit): throw .queueFull(name: queue.name, limit)
        case .tooLarge(let what, let bytes, let limit): throw .eventTooLarge(what: what, bytes: bytes, limit: limit)
        }
    }
}

extension HTTPFailure {
    /// The queue, or the app's share of it, has reached a limit.
    static func queueFull(name: String, _ limit: QueueLimit) -> HTTPFailure {
        guard limit.isAppShare else {
            return unavailable(
                detail: "The queue \"\(name)\" is full. Try again in a few seconds.",
                cause: "queue \(name) is full: \(limit)")
        }
        return unavailable(
            detail: "Too many events of this app are in the queue \"\(name)\", of which more than half is used. Try "
                + "again when some have been delivered, or send fewer or smaller events.",
            cause: "queue \(name): \(limit)")
    }
}

extension Request {
    /// The idempotency key of this request; nil when there is none, or when it is invalid, which is added to
    /// `problems`.
    func idempotencyKey(scope: IdempotencyKey.Scope, problems: inout FieldProblems) -> IdempotencyKey? {
        guard let idempotencyKey else { return nil }
        guard let key = IdempotencyKey(idempotencyKey, scope: scope) else {
            problems.add(
                "Idempotency-Key", "Must be 1 to \(IdempotencyKey.maximumBytes) printable characters of ASCII.")
            return nil
        }
        return key
    }
}

extension EventSubmission {
    /// The body as JSON, as far as `outline` keeps it. An empty body is an object without members, whatever the content
    /// type.
    ///
    /// Fails with 413 for more than `limit` bytes, with 415 for content types other than JSON, and with 400 for
    /// invalid JSON.
    static func json(of request: Request, limit: Int) throws(HTTPFailure) -> JSONValue {
        guard request.bodyByteCount <= limit else {
            throw .bodyTooLarge(bytes: request.bodyByteCount, limit: limit)
        }
        if request.body.isEmpty { return .object([]) }
        let contentType = request.contentType ?? ""
        guard MediaType(contentType).covers(type: "application", subtype: "json"),
            case .json(let value) = try RequestBody(request, EventSubmission.outline, limit: limit)
        else { throw .unsupportedMediaType(contentType) }
        return value
    }

    /// The id of the named project; nil when none is named, or when the organization has no such project, which is
    /// added to `problems`.
    func projectID(
        in organizationID: Int64, directory: any DeliveryDirectory, problems: inout FieldProblems
    ) throws(HTTPFailure) -> Int64? {
        guard let project else { return nil }
        let found = try orUnavailable(project.project(in: organizationID, directory: directory))
        guard let found else {
            problems.add("project", "The installation's organization has no such project.")
            return nil
        }
        return found.id
    }
}
