import Buffer
package import Logging
package import Model
package import Queue
package import Redis
import System

/// A thread that drains the registry every few seconds and publishes the counts to Redis and StatsD.
///
/// While Redis is unavailable the counts are accumulated, within a limit. A batch that got no reply is sent again with
/// its sequence number until Redis confirms it, so that nothing is lost and nothing is counted twice; only a worker
/// that dies loses its counts since the last publication. StatsD is sent each count once, without confirmation.
package final class MetricsPublisher: Sendable {
    private let registry: MetricRegistry
    private let settings: MetricsPublisherSettings
    private let makeConnection: @Sendable () -> RedisConnection
    private let workerState: @Sendable () -> WorkerState
    private let clock: WallClock
    private let logger: Logger

    private struct Running {
        var thread: PosixThread
        var stop: ThreadFlag
    }
    private struct State {
        var running: Running?
        /// Starts of the thread: each numbers its batches from one.
        var starts = 0
    }
    private let state = Lock(State())

    /// - Parameters:
    ///   - makeConnection: called once, on the publisher's thread.
    ///   - workerState: called on the publisher's thread.
    package init(
        registry: MetricRegistry, settings: MetricsPublisherSettings,
        makeConnection: @escaping @Sendable () -> RedisConnection,
        workerState: @escaping @Sendable () -> WorkerState = { WorkerState() },
        clock: WallClock = .system, logger: Logger
    ) {
        self.registry = registry
        self.settings = settings
        self.makeConnection = makeConnection
        self.workerState = workerState
        self.clock = clock
        self.logger = logger
    }

    deinit {
        stop()
    }

    /// Starts the thread; does nothing when it is running.
    package func start() throws(SenderError) {
        try state.withLock { (state) throws(SenderError) in
            guard state.running == nil else { return }
            var settings = settings
            settings.run += ":\(state.starts)"
            let stop = ThreadFlag()
            let (registry, runSettings, makeConnection) = (registry, settings, makeConnection)
            let (workerState, clock, logger) = (workerState, clock, logger)
            let thread = try PosixThread.startJoinable {
                let publication = MetricsPublication(
                    registry: registry, settings: runSettings, connection: makeConnection(), clock: clock,
                    logger: logger)
                repeat {
                    publication.publish(workerState())
                } while !stop.wait(until: .now().adding(runSettings.interval))
                publication.finish()
            }
            state.running = Running(thread: thread, stop: stop)
            state.starts += 1
        }
    }

    /// Publishes the remaining counts and ends the thread. To be called when nothing counts any more. Waits for at most
    /// two calls to Redis to time out.
    package func stop() {
        let stopped = state.withLock { state in
            let stopped = state.running
            state.running = nil
            return stopped
        }
        guard let stopped else { return }
        stopped.stop.set()
        stopped.thread.join()
    }
}

/// What a worker's heartbeat tells beside its name.
package struct WorkerState: Hashable, Sendable {
    /// The number of running attempts.
    package var inFlight: Int
    /// Why nothing is sent at the moment; nil when webhooks are sent.
    package var pauseReason: String?

    package init(inFlight: Int = 0, pauseReason: String? = nil) {
        self.inFlight = inFlight
        self.pauseReason = pauseReason
    }
}

/// What is published, and how often.
package struct MetricsPublisherSettings: Sendable {
    /// The worker's name in the consumer group.
    package var consumer: String
    package var version: String
    /// The name of the worker's delivery policy.
    package var policy: String
    package var startedAt: Timestamp
    /// Time between two publications.
    package var interval: Duration
    /// The queues whose depth is sent to StatsD.
    package var queues: [DeliveryQueueSettings]
    /// Nil = nothing is sent to StatsD.
    package var statsD: StatsDAddress?
    /// Limit of series that are accumulated while Redis is unavailable.
    package var seriesLimit: Int
    /// Unique for each run of a program: Redis recognizes repeated batches by it.
    package var run: String

    package init(
        consumer: String, version: String, policy: String = "", startedAt: Timestamp,
        interval: Duration = .seconds(5),
        queues: [DeliveryQueueSettings] = [], statsD: StatsDAddress? = nil,
        seriesLimit: Int = MetricCounts.defaultSeriesLimit, run: String = MetricsPublisherSettings.randomRun()
    ) {
        self.consumer = consumer
        self.version = version
        self.policy = policy
        self.startedAt = startedAt
        self.interval = interval
        self.queues = queues
        self.statsD = statsD
        self.seriesLimit = seriesLimit
        self.run = run
    }

    /// How long a worker counts as alive after a heartbeat: two may be missed.
    var lifetime: Duration { interval * 3 + .seconds(2) }

    /// 64 random bits in hexadecimal.
    package static func randomRun() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }
}
