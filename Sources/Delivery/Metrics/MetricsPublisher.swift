import Buffer
package import Logging
package import Model
package import Redis
import System

/// A thread that takes the counts out of the registry every few seconds and carries them to Redis and to StatsD.
///
/// While Redis is away the counts are kept, added up and bounded. A batch whose fate is unknown is sent again under its
/// number until Redis says that it has it, so that nothing is lost and nothing is counted twice; only a worker that dies
/// loses what it counted since its last publication. StatsD gets each count once, whether it listens or not.
package final class MetricsPublisher: Sendable {
    private let registry: MetricRegistry
    private let settings: MetricsPublisherSettings
    private let makeConnection: @Sendable () -> RedisConnection
    private let inFlight: @Sendable () -> Int
    private let clock: WallClock
    private let logger: Logger

    private struct Running {
        var thread: PosixThread
        var bell: ThreadFlag
    }
    private struct State {
        var running: Running?
        /// How often the thread was started: each time it numbers its batches from one.
        var starts = 0
    }
    private let state = Lock(State())

    /// - Parameters:
    ///   - makeConnection: called once, on the publisher's thread.
    ///   - inFlight: how many attempts are under way; called on the publisher's thread.
    package init(
        registry: MetricRegistry, settings: MetricsPublisherSettings,
        makeConnection: @escaping @Sendable () -> RedisConnection, inFlight: @escaping @Sendable () -> Int = { 0 },
        clock: WallClock = .system, logger: Logger
    ) {
        self.registry = registry
        self.settings = settings
        self.makeConnection = makeConnection
        self.inFlight = inFlight
        self.clock = clock
        self.logger = logger
    }

    deinit {
        stop()
    }

    /// Starts the thread; does nothing when it runs already.
    package func start() throws(SenderError) {
        try state.withLock { (state) throws(SenderError) in
            guard state.running == nil else { return }
            var settings = settings
            settings.run += ":\(state.starts)"
            let bell = ThreadFlag()
            let (registry, roundSettings, makeConnection) = (registry, settings, makeConnection)
            let (inFlight, clock, logger) = (inFlight, clock, logger)
            let thread = try PosixThread.startJoinable {
                let round = MetricsRound(
                    registry: registry, settings: roundSettings, connection: makeConnection(), clock: clock,
                    logger: logger)
                repeat {
                    round.publish(inFlight: inFlight())
                } while !bell.wait(until: .now().adding(roundSettings.interval))
                round.finish()
            }
            state.running = Running(thread: thread, bell: bell)
            state.starts += 1
        }
    }

    /// Publishes what is left and ends the thread. Call it when nothing counts any more. Waits for Redis no longer than
    /// for one call that gets no answer, beside one that is under way.
    package func stop() {
        let stopped = state.withLock { state in
            let stopped = state.running
            state.running = nil
            return stopped
        }
        guard let stopped else { return }
        stopped.bell.set()
        stopped.thread.join()
    }
}
