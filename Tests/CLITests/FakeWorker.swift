import Buffer
import Foundation
import Model
import Queue
import Redis
import System
import TestSupport

/// Takes one event out of the queue and writes a row of the log for it, as a worker does, without sending anything.
final class FakeWorker: @unchecked Sendable {
    private let ended = DispatchSemaphore(value: 0)
    private let outcome = Lock<Result<QueueDelivery, any Error>?>(nil)

    /// - Parameter code: that of the row.
    init(bench: DeliveryBench, code: Int) throws {
        let url = bench.redis.url
        Thread.detachNewThread {
            let result = Result { try FakeWorker.work(url: url, code: code) }
            self.outcome.withLock { $0 = result }
            self.ended.signal()
        }
    }

    private static func work(url: String, code: Int) throws -> QueueDelivery {
        let endpoint = try RedisEndpoint(parsing: url)
        let queue = DeliveryQueue(connection: RedisConnection(endpoint: endpoint, commandTimeout: .seconds(10)))
        guard let delivery = try queue.receive(consumer: "fake", count: 1, wait: .seconds(20)).first else {
            throw TestSupportError("no event came within 20 s")
        }
        let buffer = WebhookRequestBuffer(
            connection: RedisConnection(endpoint: endpoint, commandTimeout: .seconds(10)))
        _ = try buffer.record(
            WebhookRequestRecord(
                date: .now(), event: delivery.entry.event, appID: delivery.entry.appID, responseCode: code,
                webhookURL: "http://x/", requestHeaders: [], responseBody: Array("oops".utf8), requestBody: "{}",
                organizationID: 1, errorID: nil, projectID: nil, requestID: delivery.entry.id, attempt: 1,
                durationMilliseconds: 12, reason: nil))
        _ = try queue.acknowledge(delivery)
        return delivery
    }

    /// Waits for its end and gives the event.
    func join() throws -> QueuedEvent {
        guard ended.wait(timeout: .now() + 30) == .success, let result = outcome.withLock({ $0 }),
            let event = QueuedEvent(bytes: try result.get().entry.payload)
        else { throw TestSupportError("the worker did not end") }
        return event
    }

    /// The event's id; once it has ended.
    var id: String? { try? outcome.withLock { try $0?.get().entry.id } }
}
