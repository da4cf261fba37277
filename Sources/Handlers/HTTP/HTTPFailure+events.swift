import Buffer
import Redis
import WebhookRules
import WireJSON

/// The failures of enqueuing and redelivering events.
extension HTTPFailure {
    /// Browsers add a user's credentials to any request; events come from programs.
    static let tokenRequired = HTTPFailure(
        status: 403, detail: "Events are accepted only with an API token: send Authorization: Bearer.")

    /// The event could not be enqueued.
    ///
    /// After a timeout or a lost connection it is not known whether the queue has the entry; repeating the request with
    /// the same idempotency key is safe.
    static func queueUnavailable(_ error: RedisError) -> HTTPFailure {
        let detail =
            switch error {
            case .timedOut, .connectionLost, .unexpectedReply:
                "The event queue did not respond, so it is not known whether it has the event. Try again in a few "
                    + "seconds with the same Idempotency-Key."
            case .unreachable, .refused:
                "The event queue is temporarily unavailable. Try again in a few seconds."
            }
        return unavailable(detail: detail, cause: error.description)
    }

    static func bodyTooLarge(bytes: Int, limit: Int) -> HTTPFailure {
        HTTPFailure(status: 413, detail: "The request body has \(bytes) bytes: the limit is \(limit) bytes.")
    }

    /// The body is within its limit, but the queue entry is not.
    static func eventTooLarge(what: String, bytes: Int, limit: Int) -> HTTPFailure {
        HTTPFailure(
            status: 413, detail: "The event's \(what) has \(bytes) bytes in the queue: the limit is \(limit) bytes.")
    }

    /// Payloads are kept, but could not be read from Redis.
    static func payloadsUnavailable(_ error: RedisError) -> HTTPFailure {
        unavailable(
            detail: "The stored payloads are temporarily unavailable. Try again in a few seconds.",
            cause: error.description)
    }

    static let payloadsNotStored = HTTPFailure(status: 404, detail: "This deployment does not store payloads.")

    static func noPayload(storedFor seconds: Int) -> HTTPFailure {
        HTTPFailure(
            status: 404, detail: "No payload is stored for this request. Payloads are stored for \(words(seconds)).")
    }

    static func unreadablePayload(_ id: String) -> HTTPFailure {
        var failure = HTTPFailure(status: 500, detail: "The stored payload of this request is unreadable.")
        failure.cause = "the stored payload of event \(id) is not a valid event"
        return failure
    }

    /// The state of deliveries could not be read from Redis.
    static func stateUnavailable(_ error: RedisError) -> HTTPFailure {
        unavailable(
            detail: "The state of deliveries is temporarily unavailable. Try again in a few seconds.",
            cause: error.description)
    }

    /// A worker would drop the test event.
    static func wouldNotBeDelivered(_ problems: [Diagnostic]) -> HTTPFailure {
        var json = JSONObjectWriter()
        json.append("detail", text: "Nothing was sent: a worker would drop the event.")
        json.append("steps", objects: problems.map { $0.json.serialized(escaping: .unicode) })
        return HTTPFailure(status: 409, body: json.finish())
    }

    static let disabledApp = HTTPFailure(
        status: 409, detail: "The app is disabled, so nothing is sent to it. Enable it first.")

    /// `3 days`: the largest unit without a remainder.
    private static func words(_ seconds: Int) -> String {
        let units = [(86_400, "day"), (3600, "hour"), (60, "minute")]
        let (size, unit) = units.first { seconds % $0.0 == 0 } ?? (1, "second")
        return "\(seconds / size) \(unit)\(seconds == size ? "" : "s")"
    }
}
