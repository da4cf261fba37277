import Logging
import Model
import Queue
import Redis
import System

/// The loop of the mail worker's thread.
final class MailLoop {
    /// Consumers without entries that were idle for this long are removed from the queue.
    private static let consumerLifetime = Duration.seconds(3600)

    private let settings: MailWorkerSettings
    private let visibilityTimeout: Duration
    private let queue: DeliveryQueue
    private let handler: MailHandler
    private let isStopping: ThreadFlag
    private let log: Logger
    private let clock: WallClock
    /// The settlement of the last mail, until Redis has it.
    private var unsettled: Settlement?
    private var housekeeping: IntervalTimer
    private var backoff: Backoff
    private var isRedisDown = false
    /// A mail may be pending under this worker's name in a reply that was lost.
    private let lostReplies = LostReplies()
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
        housekeeping = IntervalTimer(every: settings.housekeepingInterval, isDueAtOnce: true)
        backoff = Backoff(shortest: settings.pauses.lowerBound, longest: settings.pauses.upperBound)
    }

    /// Runs until `isStopping` is set.
    func run() {
        while !isStopping.isSet {
            do throws(RedisError) {
                try step()
                if isRedisDown { log.notice("the mail queue is available again") }
                isRedisDown = false
            } catch {
                lostReplies.note(error)
                if !isRedisDown { log.error("the mail queue is unavailable", metadata: ["error": "\(error)"]) }
                isRedisDown = true
                backoff.next()
            }
            if let pause = backoff.pause { _ = isStopping.wait(until: .now().adding(pause)) }
        }
    }

    private func step() throws(RedisError) {
        try settle()
        if !isServerDown { backoff.reset() }
        _ = try queue.promoteDue()
        guard let delivery = try next() else { return }
        let verdict = handler.attempt(delivery)
        unsettled = verdict.settlement
        if verdict.isServerContacted { note(verdict.serverError) }
        try settle()
    }

    private func settle() throws(RedisError) {
        guard let settlement = unsettled else { return }
        // Before it is settled, no other mail is taken.
        if let error = queue.settle([settlement])[0].error { throw error }
        unsettled = nil
    }

    /// One mail at a time: the visibility timeout is that of one mail.
    private func next() throws(RedisError) -> QueueDelivery? {
        if housekeeping.take(.now()) {
            _ = try queue.removeConsumers(idleLongerThan: Self.consumerLifetime)
            let claimed = try queue.claim(
                consumer: settings.consumer, idleLongerThan: visibilityTimeout, count: 1, now: clock.now())
            if let delivery = claimed.first { return delivery }
            if queue.hasSuspects,
                let delivery = try queue.claimAlone(
                    consumer: settings.consumer, idleLongerThan: visibilityTimeout, now: clock.now())
            {
                return delivery
            }
        }
        if lostReplies.isDue(at: .now()) {
            // Nothing is held: the last mail is settled.
            let lost = try queue.takeBack(consumer: settings.consumer, held: [], count: 1)
            if let delivery = lost.first { return delivery }
            lostReplies.noteTakenBack(at: .now())
        }
        return try queue.receive(consumer: settings.consumer, count: 1, wait: settings.wait).first
    }

    private func note(_ serverError: MailError?) {
        if let serverError {
            if !isServerDown {
                log.error("the mail server is unavailable", metadata: ["error": "\(serverError)"])
            }
            isServerDown = true
            backoff.next()
        } else {
            if isServerDown { log.notice("the mail server is available again") }
            isServerDown = false
            backoff.reset()
        }
    }
}
