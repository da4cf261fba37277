import Buffer
import Logging
import Model
import Queue
import Redis
import System

/// What the mail worker's thread does, from its start to its end.
final class MailLoop {
    /// Names of workers that have nothing and asked for nothing for so long are removed from the queue.
    private static let consumerLifetime = Duration.seconds(3600)

    private let settings: MailWorkerSettings
    private let visibilityTimeout: Duration
    private let queue: DeliveryQueue
    private let handler: MailHandler
    private let isStopping: ThreadFlag
    private let log: Logger
    private let clock: WallClock
    /// What became of a mail, while Redis does not know it.
    private var unsettled: Settlement?
    private var nextCare = MonotonicTime.now()
    private var pause: Duration?
    private var isRedisDown = false
    private var isServerDown = false

    init(
        settings: MailWorkerSettings, visibilityTimeout: Duration, queue: DeliveryQueue, handler: MailHandler,
        isStopping: ThreadFlag, log: Logger, clock: WallClock
    ) {
        self.settings = settings
        self.visibilityTimeout = visibilityTimeout
        self.queue = queue
        self.handler = handler
        self.isStopping = isStopping
        self.log = log
        self.clock = clock
    }

    /// Works until it is to stop.
    func run() {
        while !isStopping.isSet {
            do {
                try step()
                if isRedisDown { log.notice("the mail queue is there again") }
                isRedisDown = false
            } catch {
                if !isRedisDown { log.error("cannot use the mail queue", metadata: ["error": "\(error)"]) }
                isRedisDown = true
                lengthenPause()
            }
            if let pause { _ = isStopping.wait(until: .now().adding(pause)) }
        }
    }

    private func step() throws(RedisError) {
        try settle()
        if !isServerDown { pause = nil }
        _ = try queue.promoteDue(now: clock.now())
        guard let delivery = try next() else { return }
        let verdict = handler.attempt(delivery)
        unsettled = verdict.settlement
        if verdict.isServerAsked { note(verdict.serverError) }
        try settle()
    }

    private func settle() throws(RedisError) {
        guard let settlement = unsettled else { return }
        _ = try queue.settle([settlement])
        unsettled = nil
    }

    /// One mail: the visibility time-out is about one.
    private func next() throws(RedisError) -> QueueDelivery? {
        if MonotonicTime.now() >= nextCare {
            nextCare = .now().adding(settings.careInterval)
            _ = try queue.removeConsumers(idleLongerThan: Self.consumerLifetime)
            let claimed = try queue.claim(
                consumer: settings.consumer, idleLongerThan: visibilityTimeout, count: 1)
            if let delivery = claimed.first { return delivery }
        }
        return try queue.receive(consumer: settings.consumer, count: 1, wait: settings.wait).first
    }

    private func note(_ serverError: MailError?) {
        if let serverError {
            if !isServerDown {
                log.error("the mail server takes no mail", metadata: ["error": "\(serverError)"])
            }
            isServerDown = true
            lengthenPause()
        } else {
            if isServerDown { log.notice("the mail server takes mail again") }
            isServerDown = false
            pause = nil
        }
    }

    private func lengthenPause() {
        let longer = pause.map { $0 * 2 } ?? settings.pauses.lowerBound
        pause = min(longer, settings.pauses.upperBound)
    }
}
