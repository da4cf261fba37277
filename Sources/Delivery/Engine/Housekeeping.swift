import Buffer
import Logging
import Model
import Queue
import Redis
import System

/// The thread that looks after what nobody else asks for: entries whose time has come, entries that others left behind,
/// signs of life for what takes long, disablings that are not completed.
struct Housekeeping {
    /// Entries that one step moves.
    private static let batch = 256
    /// The longest sleep: another worker may have scheduled something.
    private static let longestSleep = Duration.seconds(1)

    private let shop: DeliveryContext
    private let queue: DeliveryQueue
    private let observer: any AutoDisabling
    private var intake: Dispatcher
    private var pause = LoopPause()
    private var claims: Recurring
    private var renewals: Recurring
    private var disablings: Recurring
    private var consumers: Recurring

    init(_ shop: DeliveryContext, connection: RedisConnection, observer: any AutoDisabling) {
        self.shop = shop
        self.observer = observer
        queue = DeliveryQueue(connection: connection, settings: shop.settings.queue)
        intake = Dispatcher(shop, part: .housekeeping)
        let visibility = shop.settings.visibilityTimeout
        claims = Recurring(every: min(visibility / 4, .seconds(10)), isDueAtOnce: true)
        renewals = Recurring(every: min(visibility / 6, .seconds(10)))
        disablings = Recurring(every: shop.settings.disablingInterval, isDueAtOnce: true)
        consumers = Recurring(every: max(.seconds(60), shop.settings.consumerLifetime / 4))
    }

    /// Works until every attempt has ended; from the moment on that nothing is received any more it only keeps what is
    /// under way.
    mutating func run() {
        while shop.phase.phase < .settling {
            shop.rounds.addHousekeeping()
            var sleep: Duration
            do {
                try renew()
                sleep = min(Housekeeping.longestSleep, renewals.wait(.now()))
                if shop.phase.phase == .working { sleep = min(sleep, try work()) }
                shop.noteSuccess(.redis, .housekeeping)
                pause.reset()
            } catch {
                shop.noteFailure(.redis, .housekeeping, error)
                sleep = pause.next()
            }
            if sleep > .zero { shop.alarm.sleep(sleep, now: shop.clock.now()) }
        }
    }

    /// Returns how long there is nothing to do as far as is known.
    private mutating func work() throws(RedisError) -> Duration {
        let promotion = try queue.promoteDue(now: shop.clock.now(), limit: Housekeeping.batch)
        if claims.isDue(.now()) { try claim() }
        if disablings.take(.now()) { completeDisablings() }
        if consumers.take(.now()) {
            _ = try queue.removeConsumers(idleLongerThan: shop.settings.consumerLifetime)
        }
        let rest = min(claims.wait(.now()), disablings.wait(.now()))
        guard let due = promotion.nextDueAt else { return rest }
        return min(rest, .microseconds(max(0, due.microseconds - shop.clock.now().microseconds)))
    }

    /// What fails here is tried again after the interval: the queue does not depend on it.
    private func completeDisablings() {
        do {
            try observer.completeDisablings(now: shop.clock.now())
        } catch {
            shop.log.warning("disablings could not be completed", metadata: ["error": "\(error)"])
        }
    }

    /// Takes over what others left behind, as long as there is something and room for it.
    private mutating func claim() throws(RedisError) {
        let room = shop.flights.withLock { shop.room(in: $0) }
        let count = min(room, shop.settings.receiveBatch)
        guard count > 0 else { return claims.skip(.now()) }
        let deliveries = try queue.claim(
            consumer: shop.settings.consumer, idleLongerThan: shop.settings.visibilityTimeout, count: count)
        if deliveries.isEmpty { claims.skip(.now()) }
        for delivery in deliveries {
            shop.log.info(
                "delivery taken over",
                metadata: ["request_id": "\(delivery.entry.id)", "handed_out": "\(delivery.deliveryCount)"])
        }
        if let rest = intake.take(deliveries) { shop.phase.rest(rest) }
    }

    /// Tells Redis of what has been under way for a third of the visibility time-out.
    private mutating func renew() throws(RedisError) {
        guard renewals.take(.now()) else { return }
        let now = MonotonicTime.now()
        let third = Int64((shop.settings.visibilityTimeout / 3).milliseconds) * 1000
        let moment = MonotonicTime(microseconds: now.microseconds - third)
        do {
            while try renewBatch(before: moment, now: now) {}
        } catch {
            // First of all once Redis is back: other workers look for what nobody works on.
            renewals.isOverdue = true
            throw error
        }
    }

    /// Whether there may be more to renew.
    private func renewBatch(before moment: MonotonicTime, now: MonotonicTime) throws(RedisError) -> Bool {
        let due = shop.flights.withLock { $0.renewable(before: moment, limit: Housekeeping.batch) }
        guard !due.isEmpty else { return false }
        let held = try queue.renew(due.map(\.delivery))
        shop.flights.withLock { $0.markRenewed(due.map(\.ticket), now: now) }
        for (flight, isHeld) in zip(due, held) where !isHeld {
            shop.log.warning(
                "delivery lost while under way", metadata: ["request_id": "\(flight.delivery.entry.id)"])
        }
        return due.count == Housekeeping.batch
    }
}
