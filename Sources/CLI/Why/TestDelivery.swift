import Buffer
import Glibc
import Model
import Queue
import Redis
import WebhookRules
import WireJSON

/// A test event that was put into the queue, and the wait for what becomes of it.
struct TestDelivery {
    let id: String
    let app: SentryApp
    let event: EventType

    /// Waits for the first attempt's row of the log.
    func wait(
        seconds: Int, buffer: WebhookRequestBuffer, queue: DeliveryQueue, limit: Int
    ) throws(CommandFailure) -> Diagnostic {
        let end = Timestamp.now().adding(seconds: Int64(seconds))
        while true {
            let rows = try AttemptList(of: id, appID: app.id, events: [event], in: buffer, limit: limit)
            if let attempt = rows.attempts.last { return finding(attempt) }
            guard Timestamp.now() < end else { break }
            usleep(100_000)
        }
        let statistics = try reportingRedisErrors { () throws(RedisError) in try queue.statistics() }
        return .problem(
            "test event",
            "\(id) is in the queue, but after \(seconds) s no attempt of it is in the log. Is a worker running, with "
                + "the same Redis and HOOKLINE_QUEUE_SHARDS? The queue has \(statistics.waiting) waiting, "
                + "\(statistics.pending) under way, \(statistics.scheduled) to be repeated later")
    }

    private func finding(_ attempt: LoggedAttempt) -> Diagnostic {
        let time = attempt.durationMilliseconds.map { " after \($0) ms" } ?? ""
        let body = attempt.responseBody.flatMap { $0.isEmpty ? nil : ": \(Excerpt($0))" } ?? ""
        if attempt.isSuccess { return .ok("test event", "\(id) was answered \(attempt.code)\(time)\(body)") }
        guard attempt.code == 0 else {
            return .problem("test event", "\(id) was answered \(attempt.code)\(time)\(body)")
        }
        return .problem("test event", "\(id) got no answer\(time): \(attempt.reason ?? "the reason is not known")")
    }
}
