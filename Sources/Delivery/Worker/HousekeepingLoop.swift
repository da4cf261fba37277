import Logging
import Model
import Queue
import Redis
import System

/// The thread that does the periodic work: schedules due retries, claims the entries of workers that died, renews
/// leases, disables apps and completes pending notices, removes the names of dead consumers, prunes the payload
/// archive, looks for silent apps, and runs redelivery jobs.
struct HousekeepingLoop {
    /// Entries that one step moves.
    private static let batch = 256
    /// The longest sleep: another worker may have scheduled something.
    static let longestSleep = Duration.seconds(1)

    let context: DeliveryContext
    let queue: DeliveryQueue
    private let autoDisabler: any AutoDisabling
    var dispatcher: Dispatcher
    private var backoff = Backoff()
    private var claims: IntervalTimer
    private var renewals: IntervalTimer
    private var notices: IntervalTimer
    private var consumers: IntervalTimer
    private var isCompletingFailing = false
    private var indexes = IndexCheckTimer()
    private var archive: ArchiveKeeper?
    private let silence: SilenceMonitor?
    private let redelivery: RedeliveryRunner?
    /// Whether entries are waiting that are taken alone.
    var isolation = Isolation.none
    /// When the next of these may be taken. The first is not taken at once: others go first in a worker that started
    /// again because of one.
    var nextIsolation: MonotonicTime
    let shortestRest: Duration

    init(
        _ context: DeliveryContext, connection: RedisConnection, autoDisabler: any AutoDisabling,
        breakers: (any CircuitBreakerReading)?, silence: SilenceMonitor?, redelivery: RedeliveryRunner?
    ) {
        self.context = context
        self.silence = silence
        self.redelivery = redelivery
        self.autoDisabler = autoDisabler
        queue = DeliveryQueue(connection: connection, settings: context.settings.queue, clock: context.clock)
        queue.isInterrupted = { [lifecycle = context.lifecycle] in lifecycle.phase != .running }
        dispatcher = Dispatcher(
            context, loop: .housekeeping, breakers: breakers,
            targets: RelayTargetStates(connection: connection))
        archive = context.settings.archive.map { ArchiveKeeper(context, connection: connection, limits: $0) }
        let visibility = context.settings.visibilityTimeout
        claims = IntervalTimer(every: min(visibility / 4, .seconds(10)), isDueAtOnce: true)
        shortestRest = claims.interval
        nextIsolation = .now().adding(shortestRest)
        renewals = IntervalTimer(every: min(visibility / 6, .seconds(10)))
        notices = IntervalTimer(every: context.settings.noticeInterval, isDueAtOnce: true)
        consumers = IntervalTimer(every: max(.seconds(60), context.settings.consumerLifetime / 4))
    }

    /// Runs until every attempt has ended; once the worker is draining it only renews leases.
    mutating func run() {
        while context.lifecycle.phase < .settling {
            context.heartbeat.noteHousekeeping()
            var sleep: Duration
            do {
                try renewLeases()
                sleep = min(HousekeepingLoop.longestSleep, renewals.remaining(.now()))
                if context.lifecycle.phase == .running { sleep = min(sleep, try work()) }
                context.noteSuccess(.redis, .housekeeping)
                context.noteLoss(of: queue)
                context.reportDisplaced(by: queue)
                backoff.reset()
            } catch {
                context.noteFailure(.redis, .housekeeping, error)
                sleep = backoff.next()
            }
            if sleep > .zero { context.timer.sleep(sleep, now: context.clock.now()) }
        }
    }

    /// Returns the time until the next known work is due.
    private mutating func work() throws(RedisError) -> Duration {
        let promotion = try queue.promoteDue(limit: HousekeepingLoop.batch)
        if claims.isDue(.now()) { try claim() }
        // Both are taken.
        let isNoticeDue = notices.take(.now())
        if context.pendingApps.takeAdded() || isNoticeDue { completeNotices() }
        if consumers.take(.now()) {
            _ = try queue.removeConsumers(idleLongerThan: context.settings.consumerLifetime)
        }
        checkIndexes()
        archive?.work(queue)
        silence?.work(now: context.clock.now())
        redelivery?.work(now: context.clock.now())
        var remaining = min(claims.remaining(.now()), notices.remaining(.now()), indexes.remaining(.now()))
        if let archive { remaining = min(remaining, archive.remaining(.now())) }
        if let silence { remaining = min(remaining, silence.remaining(.now())) }
        if let redelivery { remaining = min(remaining, redelivery.remaining(.now())) }
        if isolation != .none { remaining = min(remaining, try isolate()) }
        return min(remaining, max(.zero, promotion.nextDueIn ?? remaining))
    }

    /// A failure is retried after the interval: the queue does not depend on it.
    private mutating func completeNotices() {
        do {
            context.pendingApps.replace(with: try autoDisabler.completeNotices(now: context.clock.now()))
            isCompletingFailing = false
        } catch {
            if !isCompletingFailing {
                context.log.warning(
                    "notices of disabled apps could not be processed", metadata: ["error": "\(error)"])
            }
            isCompletingFailing = true
        }
    }

    /// A failure is retried after the interval: lists and diagnoses show less, and nothing else depends on it.
    private mutating func checkIndexes() {
        guard indexes.isDue(.now()) else { return }
        do {
            let step = try queue.checkIndexes()
            indexes.note(changes: step.changes, isOver: step.isOver, now: .now())
        } catch {
            indexes.note(changes: 0, isOver: true, now: .now())
            context.log.warning("indexes by app could not be checked", metadata: ["error": "\(error)"])
        }
    }

    /// Claims entries whose worker died, as far as there is capacity and sending is not paused.
    private mutating func claim() throws(RedisError) {
        let capacity = context.inFlight.withLock { context.capacity(of: $0) }
        let count = min(capacity, context.settings.receiveBatch)
        guard count > 0, context.sendingPause.error == nil else { return claims.restart(.now()) }
        let (queue, settings, now) = (queue, context.settings, context.clock.now())
        let claimed = try register { () throws(RedisError) in
            try queue.claim(
                consumer: settings.consumer, idleLongerThan: settings.visibilityTimeout, count: count, now: now)
        }
        if queue.hasSuspects, isolation == .none { isolation = .wanted }
        if claimed.isEmpty { claims.restart(.now()) }
        for delivery in claimed.map(\.delivery) {
            context.log.info(
                "delivery claimed from another worker",
                metadata: ["request_id": "\(delivery.entry.id)", "received": "\(delivery.deliveryCount)"])
        }
        if let pause = dispatcher.dispatch(claimed) { context.lifecycle.pause(pause) }
    }

    /// Claims and registers entries: what is claimed and not registered yet must not be taken for lost.
    func register(
        _ claim: () throws(RedisError) -> [QueueDelivery]
    ) throws(RedisError) -> [Dispatcher.Registered] {
        do throws(RedisError) {
            return try context.lostReplies.registration.withLock { _ throws(RedisError) in
                dispatcher.register(try claim())
            }
        } catch {
            context.lostReplies.note(error)
            throw error
        }
    }

    /// Renews the leases of deliveries that have been in flight for a third of the visibility timeout.
    private mutating func renewLeases() throws(RedisError) {
        guard renewals.take(.now()) else { return }
        let now = MonotonicTime.now()
        let third = Int64((context.settings.visibilityTimeout / 3).milliseconds) * 1000
        let moment = MonotonicTime(microseconds: now.microseconds - third)
        do {
            while try renewBatch(before: moment, now: now) {}
        } catch {
            // Comes first once Redis is available: other workers claim what is not renewed.
            renewals.isOverdue = true
            throw error
        }
    }

    /// Whether there may be more to renew.
    private func renewBatch(before moment: MonotonicTime, now: MonotonicTime) throws(RedisError) -> Bool {
        let due = context.inFlight.withLock { $0.renewable(before: moment, limit: HousekeepingLoop.batch) }
        guard !due.isEmpty else { return false }
        let held = try queue.renew(due.map(\.delivery))
        context.inFlight.withLock { $0.markRenewed(due.map(\.handle), now: now) }
        for (entry, isHeld) in zip(due, held) where !isHeld {
            context.inFlight.withLock { $0.markLost(entry.handle, entry.delivery) }
            context.log.warning(
                "a delivery in progress is no longer this worker's: another has taken it over, or Redis has lost it",
                metadata: ["request_id": "\(entry.delivery.entry.id)"])
        }
        return due.count == HousekeepingLoop.batch
    }
}
