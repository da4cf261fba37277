import Buffer
import Queue
import WebhookRules

extension Dependencies {
    /// Puts an entry into the queue and returns the id it has there: its own, or that of the entry that was put there
    /// under the same key before. When this returns, Redis has it.
    ///
    /// Fails with 503 when the queue is full or does not answer, and with 413 for what it does not hold.
    func enqueue(_ entry: QueueEntry, key: IdempotencyKey?) throws(HTTPFailure) -> String {
        let result: EnqueueResult
        do {
            result = try queue.enqueue(entry, idempotencyKey: key)
        } catch {
            throw .queueUnavailable(error)
        }
        switch result {
        case .accepted(let id), .duplicate(let id): return id
        case .full(let depth, let bound): throw .queueFull(name: queue.name, depth: depth, bound: bound)
        case .tooLarge(let what, let bytes, let limit): throw .eventTooLarge(what: what, bytes: bytes, limit: limit)
        }
    }
}

extension Request {
    /// The key under which a repetition of this request is known; nil when there is none, or when it is no key, which is
    /// a problem.
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
