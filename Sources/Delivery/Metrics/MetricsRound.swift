import Buffer
import Logging
import Model
import Queue
import Redis

/// What the publisher's thread does in each round, and what it keeps from one to the next.
final class MetricsRound {
    private let registry: MetricRegistry
    private let settings: MetricsPublisherSettings
    private let clock: WallClock
    private let logger: Logger
    private let store: MetricStore
    private let queues: [DeliveryQueue]
    private let statsD: StatsDClient?

    /// Counted, but not part of a batch yet.
    private var backlog = MetricCounts()
    /// What was sent to Redis and is not known to be there; never changed, so that it can be sent again.
    private var batch: MetricCounts?
    /// The number of the batch.
    private var sequence: Int64 = 0
    private var isFailing = false

    init(
        registry: MetricRegistry, settings: MetricsPublisherSettings, connection: RedisConnection, clock: WallClock,
        logger: Logger
    ) {
        self.registry = registry
        self.settings = settings
        self.clock = clock
        self.logger = logger
        store = MetricStore(connection: connection)
        queues = settings.queues.map { DeliveryQueue(connection: connection, settings: $0) }
        statsD = settings.statsD.map(StatsDClient.init)
    }

    /// Publishes what was counted since the last round.
    func publish(inFlight: Int) {
        take()
        var failure: RedisError?
        if goesOn(after: storeCounts, &failure),
            goesOn(after: { () throws(RedisError) in try self.report(inFlight) }, &failure)
        {
            _ = goesOn(after: sendQueues, &failure)
        }
        note(failure)
    }

    /// The last round: publishes what is left and signs off. If Redis is away, the entry ends by itself.
    func finish() {
        take()
        var failure: RedisError?
        if goesOn(after: storeCounts, &failure) { _ = goesOn(after: withdraw, &failure) }
        note(failure)
    }

    /// Does one step; whether there is any sense in the next. What Redis refuses says nothing about that; when it does
    /// not answer, the next would only wait, too.
    private func goesOn(after step: () throws(RedisError) -> Void, _ failure: inout RedisError?) -> Bool {
        do {
            try step()
            return true
        } catch {
            failure = error
            if case .refused = error { return true }
            return false
        }
    }

    private func take() {
        let counts = registry.drain()
        statsD?.send(StatsDLines.lines(for: counts))
        backlog.add(counts, limit: settings.seriesLimit)
    }

    /// First the batch that is left over, then what came since.
    private func storeCounts() throws(RedisError) {
        while true {
            if batch == nil, !backlog.isEmpty {
                batch = backlog
                backlog = MetricCounts()
                sequence += 1
            }
            guard let counts = batch else { return }
            // False means that an earlier attempt had arrived: just as good.
            _ = try store.add(counts, from: settings.run, sequence: sequence)
            batch = nil
        }
    }

    private func report(_ inFlight: Int) throws(RedisError) {
        let report = WorkerReport(
            consumer: settings.consumer, version: settings.version, startedAt: settings.startedAt,
            inFlight: max(0, inFlight))
        // A worker that finds no place in the list works all the same.
        _ = try store.report(report, lifetime: settings.lifetime)
    }

    private func withdraw() throws(RedisError) {
        try store.withdraw(consumer: settings.consumer)
    }

    private func sendQueues() throws(RedisError) {
        guard let statsD else { return }
        for queue in queues {
            let statistics = try queue.statistics()
            let age = statistics.oldestAgeMicroseconds(at: clock.now()) / 1_000_000
            statsD.send(StatsDLines.lines(for: statistics, queue: queue.queueName, oldestSeconds: age))
        }
    }

    /// Says when Redis goes and when it is back, and not in between.
    private func note(_ failure: RedisError?) {
        if let failure, !isFailing {
            logger.warning("metrics cannot be stored", metadata: ["error": "\(failure)"])
        } else if failure == nil, isFailing {
            logger.info("metrics are stored again")
        }
        isFailing = failure != nil
    }
}
