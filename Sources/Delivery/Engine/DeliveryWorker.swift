import Buffer
package import Directory
package import Logging
package import Model
import Queue
package import Redis
import Synchronization
import System
import WebhookRules

/// Delivers the events of a queue: takes them, plans and sends the webhooks, records each attempt, and settles.
///
/// Three threads beside the sender's: one takes entries as long as there is room, one looks after what is due, left
/// behind or slow, one records and settles what has ended, in batches. Redis and the directory may go away at any time:
/// nothing is lost, each thread waits and goes on by itself.
package final class DeliveryWorker: Sendable {
    /// What went through so far.
    package struct Counts: Hashable, Sendable {
        /// Entries handed out to this worker.
        package var received = 0
        /// Attempts that were recorded.
        package var attempted = 0
        /// Entries settled: delivered, put back, scheduled again, buried.
        package var settled = 0
    }

    /// What `stop` left.
    package struct Remainder: Hashable, Sendable {
        /// Entries that could not be settled because Redis did not answer: others take them over after the visibility
        /// time-out, and send them again.
        package var unsettled: Int
    }

    private let shop: DeliveryContext
    private let makeConnection: @Sendable () -> RedisConnection
    private let makeObserver: @Sendable () -> any AutoDisabling
    private let random: @Sendable () -> Double
    private let threads = Lock<[Stage: PosixThread]>([:])
    /// Whether the queue may know the consumer.
    private let hasConsumer = Atomic(false)

    private enum Stage {
        case receiving, housekeeping, recording
    }

    /// - Parameters:
    ///   - makeConnection: called for each thread; a read takes up to the queue's largest batch of payloads.
    ///   - makeObserver: called for each of two threads.
    ///   - random: 0 to 1, for the jitter of retries.
    package init(
        settings: DeliveryWorkerSettings, makeConnection: @escaping @Sendable () -> RedisConnection,
        directory: any DeliveryDirectory, makeObserver: @escaping @Sendable () -> any AutoDisabling,
        metrics: any DeliveryMetrics, log: Logger, clock: WallClock = .system,
        random: @escaping @Sendable () -> Double
    ) throws(SenderError) {
        self.makeConnection = makeConnection
        self.makeObserver = makeObserver
        self.random = random
        shop = DeliveryContext(
            settings: settings,
            planner: WebhookPlanner(directory: directory, settings: settings.plan, signing: SecretSigning()),
            sender: try WebhookSender(settings: settings.sender), metrics: metrics, clock: clock, log: log)
    }

    deinit {
        _ = stop(within: .zero)
    }

    /// Starts the threads; once only. When it throws, `stop` ends those that run already.
    package func start() throws(SenderError) {
        let (shop, makeConnection, makeObserver, random) = (shop, makeConnection, makeObserver, random)
        try start(.recording) {
            var recording = Recording(shop, connection: makeConnection(), observer: makeObserver(), random: random)
            recording.run()
        }
        try start(.housekeeping) {
            var housekeeping = Housekeeping(shop, connection: makeConnection(), observer: makeObserver())
            housekeeping.run()
        }
        hasConsumer.store(true, ordering: .relaxed)
        try start(.receiving) { Receiving(shop: shop, makeConnection: makeConnection).run() }
    }

    private func start(_ stage: Stage, _ work: @escaping @Sendable () -> Void) throws(SenderError) {
        let thread = try PosixThread.startJoinable(work)
        threads.withLock { $0[stage] = thread }
    }

    /// Receives nothing more, lets attempts under way finish for up to `limit`, puts back the rest, settles everything
    /// and ends the threads.
    ///
    /// Takes `limit`, the settings' `settlingTime` and what one call to Redis may take at most; what is not settled by
    /// then is left to others.
    package func stop(within limit: Duration) -> Remainder {
        let end = MonotonicTime.now().adding(limit)
        shop.phase.advance(to: .draining)
        join(.receiving)
        shop.sender.stop(within: .milliseconds(end.remainingMilliseconds()))
        shop.phase.advance(
            to: .settling, end: max(end, MonotonicTime.now().adding(shop.settings.settlingTime)))
        shop.alarm.ring()
        // It may hand on what it has just taken over.
        join(.housekeeping)
        shop.outbox.close()
        join(.recording)
        let unsettled = inFlight
        if unsettled == 0, hasConsumer.exchange(false, ordering: .relaxed) { removeConsumer() }
        return Remainder(unsettled: unsettled)
    }

    private func join(_ stage: Stage) {
        threads.withLock { $0.removeValue(forKey: stage) }?.join()
    }

    /// A name that is never used again; if Redis is away, others remove it when its time is over.
    private func removeConsumer() {
        let queue = DeliveryQueue(connection: makeConnection(), settings: shop.settings.queue)
        do {
            _ = try queue.removeConsumers(idleLongerThan: .zero, named: shop.settings.consumer)
        } catch {
            shop.log.info("consumer not removed", metadata: ["error": "\(error)"])
        }
    }

    /// What went through so far.
    package var counts: Counts { shop.counts.withLock { $0 } }

    /// How often the threads that receive and keep house have come round since the start, the slower of them.
    ///
    /// Grows within a second or two while nothing blocks them; a call to Redis takes its time-outs at most.
    package var rounds: Int { shop.rounds.least }

    /// Whether `stop` has been called: nothing more is sent for the first time.
    package var isStopping: Bool { shop.phase.phase != .working }

    /// Entries received and not settled.
    package var inFlight: Int { shop.flights.withLock { $0.count } }

    /// Attempts under way and waiting for their turn.
    package var senderLoad: (running: Int, waiting: Int) { shop.sender.load }
}
