package import Directory
package import Logging
package import Model
package import Queue
package import Redis
import Synchronization
import System
import WebhookRules

/// Delivers the events of a queue: receives them, plans and sends the webhooks, records each attempt, and settles.
///
/// Three threads beside the sender's: one receives entries as long as there is capacity, one does the housekeeping (due
/// retries, abandoned entries, lease renewal), one records and settles completed deliveries in batches. Redis and the
/// directory may be unavailable at any time: no event is lost, and each thread resumes by itself.
package final class DeliveryWorker: Sendable {
    /// Totals since the start.
    package struct Counts: Hashable, Sendable {
        /// Entries received.
        package var received = 0
        /// Attempts recorded in the log.
        package var attempted = 0
        /// Entries settled by this worker: acknowledged, put back, scheduled for a retry, dead letters.
        package var settled = 0
    }

    /// What `stop` left.
    package struct Remainder: Hashable, Sendable {
        /// Entries that could not be settled because Redis did not respond: other workers claim them after the
        /// visibility timeout, and send them again.
        package var unsettled: Int
    }

    private let context: DeliveryContext
    private let makeConnection: @Sendable () -> RedisConnection
    private let makeAutoDisabler: @Sendable () -> any AutoDisabling
    private let makeCircuitObserver: (@Sendable (RedisConnection) -> any CircuitObserving)?
    private let makeSilenceMonitor: MakeSilenceMonitor?
    private let directory: any DeliveryDirectory
    private let random: @Sendable () -> Double
    private let threads = Lock<[ThreadRole: PosixThread]>([:])
    /// Whether the queue may know the consumer.
    private let hasConsumer = Atomic(false)

    /// Makes what looks for silent apps, for one thread, with its connection and the circuit breakers, if there are
    /// any.
    package typealias MakeSilenceMonitor =
        @Sendable (RedisConnection, (any CircuitBreakerReading)?) -> SilenceMonitor

    private enum ThreadRole {
        case receiving, housekeeping, recording
    }

    /// - Parameters:
    ///   - makeConnection: called for each thread; a read takes up to the queue's largest batch of payloads.
    ///   - makeAutoDisabler: called for the recording and the housekeeping thread.
    ///   - makeCircuitObserver: called for each thread, with its connection; nil = there are no circuit breakers.
    ///   - makeSilenceMonitor: called for the housekeeping thread; nil = silent apps are not looked for.
    ///   - random: 0 to 1, for the jitter of retries.
    package init(
        settings: DeliveryWorkerSettings, makeConnection: @escaping @Sendable () -> RedisConnection,
        directory: any DeliveryDirectory, makeAutoDisabler: @escaping @Sendable () -> any AutoDisabling,
        makeCircuitObserver: (@Sendable (RedisConnection) -> any CircuitObserving)? = nil,
        makeSilenceMonitor: MakeSilenceMonitor? = nil, metrics: any DeliveryMetrics, log: Logger,
        clock: WallClock = .system,
        random: @escaping @Sendable () -> Double
    ) throws(SenderError) {
        self.makeConnection = makeConnection
        self.makeAutoDisabler = makeAutoDisabler
        self.makeCircuitObserver = makeCircuitObserver
        self.makeSilenceMonitor = makeSilenceMonitor
        self.directory = directory
        self.random = random
        context = DeliveryContext(
            settings: settings,
            planner: WebhookPlanner(directory: directory, settings: settings.plan, signing: SecretSigning()),
            sender: try WebhookSender(settings: settings.sender), metrics: metrics, clock: clock, log: log)
    }

    deinit {
        _ = stop(within: .zero)
    }

    /// Starts the threads; once only. When it throws, `stop` ends those that have started.
    package func start() throws(SenderError) {
        let (context, makeConnection, makeAutoDisabler, random) = (context, makeConnection, makeAutoDisabler, random)
        let (makeCircuitObserver, makeSilenceMonitor) = (makeCircuitObserver, makeSilenceMonitor)
        let directory = directory
        try start(.recording) {
            let connection = makeConnection()
            var loop = RecordingLoop(
                context, connection: connection, autoDisabler: makeAutoDisabler(),
                circuitObserver: makeCircuitObserver?(connection), random: random)
            loop.run()
        }
        try start(.housekeeping) {
            let connection = makeConnection()
            let breakers = makeCircuitObserver?(connection)
            var loop = HousekeepingLoop(
                context, connection: connection, autoDisabler: makeAutoDisabler(), breakers: breakers,
                silence: makeSilenceMonitor?(connection, breakers),
                redelivery: context.settings.archive.map { limits in
                    RedeliveryRunner(
                        connection: connection, settings: context.settings.redelivery, archive: limits,
                        queue: context.settings.queue, directory: directory, clock: context.clock, log: context.log)
                })
            loop.run()
        }
        hasConsumer.store(true, ordering: .relaxed)
        try start(.receiving) {
            ReceiveLoop(context: context, makeConnection: makeConnection, makeCircuitObserver: makeCircuitObserver)
                .run()
        }
    }

    private func start(_ role: ThreadRole, _ work: @escaping @Sendable () -> Void) throws(SenderError) {
        let thread = try PosixThread.startJoinable(work)
        threads.withLock { $0[role] = thread }
    }

    /// Stops receiving, lets running attempts finish for up to `limit`, puts the others back, settles everything and
    /// ends the threads.
    ///
    /// Takes `limit`, the settings' `settlingTime` and one call to Redis at most; what is not settled by then is left
    /// to other workers.
    package func stop(within limit: Duration) -> Remainder {
        let end = MonotonicTime.now().adding(limit)
        context.lifecycle.advance(to: .draining)
        join(.receiving)
        context.sender.stop(within: .milliseconds(end.remainingMilliseconds()))
        context.lifecycle.advance(
            to: .settling, end: max(end, MonotonicTime.now().adding(context.settings.settlingTime)))
        context.timer.wake()
        // It may still dispatch what it has just claimed.
        join(.housekeeping)
        context.completions.close()
        join(.recording)
        let unsettled = inFlight
        if unsettled == 0, hasConsumer.exchange(false, ordering: .relaxed) { removeConsumer() }
        return Remainder(unsettled: unsettled)
    }

    private func join(_ role: ThreadRole) {
        threads.withLock { $0.removeValue(forKey: role) }?.join()
    }

    /// The name is never used again; if Redis is unavailable, other workers remove it after `consumerLifetime`.
    private func removeConsumer() {
        let queue = DeliveryQueue(connection: makeConnection(), settings: context.settings.queue)
        do {
            _ = try queue.removeConsumers(idleLongerThan: .zero, named: context.settings.consumer)
        } catch {
            context.log.info("consumer not removed", metadata: ["error": "\(error)"])
        }
    }

    package var counts: Counts { context.counts.withLock { $0 } }

    /// Heartbeat of the receiving and the housekeeping thread, of the slower one: completed iterations since the start.
    ///
    /// Grows within a second or two unless something blocks them; a call to Redis takes its timeouts at most.
    package var heartbeat: Int { context.heartbeat.slowest }

    /// Whether `stop` has been called: nothing more is received.
    package var isStopping: Bool { context.lifecycle.phase != .running }

    /// Entries received and not settled.
    package var inFlight: Int { context.inFlight.withLock { $0.count } }

    /// Whether entries that this worker put back, such as those of an app that it sends enough to, are not due yet.
    package var hasPutBackEntries: Bool { context.hasPutBackEntries }

    /// Why nothing is sent at the moment: outcomes cannot be recorded or settled. Nil as long as they can.
    package var pauseReason: String? { context.sendingPause.error?.description }

    /// Requests being sent, and those waiting to be sent.
    package var senderLoad: (running: Int, waiting: Int) { context.sender.load }
}
