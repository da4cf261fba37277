import Buffer
import Logging
import Model
import Queue
import Redis

/// What the publisher's thread does in each interval, and its state between two of them.
final class MetricsPublication {
    private let registry: MetricRegistry
    private let settings: MetricsPublisherSettings
    private let clock: WallClock
    private let logger: Logger
    private let store: MetricStore
    private let queues: [DeliveryQueue]
    private let silence: SilenceRounds
    private let statsD: StatsDClient?

    /// Counts that are not part of a batch yet.
    private var backlog = MetricCounts()
    /// Was sent to Redis and is not confirmed; never changed, so that it can be sent again.
    private var batch: MetricCounts?
    /// Number of the batch.
    private var sequence: Int64 = 0
    private var isFailing = false
    private var isClockWrong = false

    init(
        registry: MetricRegistry, settings: MetricsPublisherSettings, connection: RedisConnection, clock: WallClock,
        logger: Logger
    ) {
        self.registry = registry
        self.settings = settings
        self.clock = clock
        self.logger = logger
        store = MetricStore(connection: connection)
        silence = SilenceRounds(connection: connection)
        queues = settings.queues.map { DeliveryQueue(connection: connection, settings: $0) }
        statsD = settings.statsD.map(StatsDClient.init)
    }

    /// Publishes the counts since the last publication, and the worker's heartbeat.
    func publish(_ state: WorkerState) {
        drain()
        var failure: RedisError?
        if succeeds(storeCounts, &failure),
            succeeds({ () throws(RedisError) in try self.report(state) }, &failure)
        {
            _ = succeeds(sendGauges, &failure)
        }
        note(failure)
    }

    /// The last publication: also removes the worker from the list. If Redis is unavailable, the entry expires by
    /// itself.
    func finish() {
        drain()
        var failure: RedisError?
        if succeeds(storeCounts, &failure) { _ = succeeds(withdraw, &failure) }
        note(failure)
    }

    /// Does one step; whether to try the next one: not when Redis does not respond, since the next would time out, too.
    private func succeeds(_ step: () throws(RedisError) -> Void, _ failure: inout RedisError?) -> Bool {
        do {
            try step()
            return true
        } catch {
            failure = error
            if case .refused = error { return true }
            return false
        }
    }

    private func drain() {
        let counts = registry.drain()
        statsD?.send(StatsDLines.lines(for: counts))
        backlog.add(counts, limit: settings.seriesLimit)
    }

    /// First the unconfirmed batch, then the counts since.
    private func storeCounts() throws(RedisError) {
        while true {
            if batch == nil, !backlog.isEmpty {
                batch = backlog
                backlog = MetricCounts()
                sequence += 1
            }
            guard let counts = batch else { return }
            // False means that Redis has the batch from an earlier try.
            _ = try store.add(counts, from: settings.run, sequence: sequence)
            batch = nil
        }
    }

    private func report(_ state: WorkerState) throws(RedisError) {
        let report = WorkerReport(
            consumer: settings.consumer, version: settings.version, policy: settings.policy,
            startedAt: settings.startedAt, inFlight: max(0, state.inFlight), pauseReason: state.pauseReason,
            clockOffsetMilliseconds: try clockOffset())
        // False means that the list of workers is full, which does not matter here.
        _ = try store.report(report, lifetime: settings.lifetime)
    }

    /// How far this machine's clock is ahead of Redis', in milliseconds. A difference that matters is logged when it
    /// begins and when it ends.
    private func clockOffset() throws(RedisError) -> Int64? {
        let before = clock.now()
        guard let redis = try store.time() else { return nil }
        let middle = (before.microseconds + clock.now().microseconds) / 2
        let offset = (middle - redis.microseconds) / 1000
        let difference = ClockDifference.description(milliseconds: offset)
        if let difference, !isClockWrong {
            logger.warning("this machine's clock differs from that of Redis", metadata: ["clock": "\(difference)"])
        } else if difference == nil, isClockWrong {
            logger.notice("this machine's clock agrees with that of Redis again")
        }
        isClockWrong = difference != nil
        return offset
    }

    private func withdraw() throws(RedisError) {
        try store.withdraw(consumer: settings.consumer)
    }

    private func sendGauges() throws(RedisError) {
        guard let statsD else { return }
        for queue in queues {
            let statistics = try queue.statistics()
            let age = statistics.oldestAgeMicroseconds(at: clock.now()) / 1_000_000
            statsD.send(StatsDLines.lines(for: statistics, queue: queue.queueName, oldestSeconds: age))
        }
        if let counts = try silence.silentApps() { statsD.send(StatsDLines.lines(silentApps: counts)) }
    }

    /// Logs the beginning and the end of an outage only.
    private func note(_ failure: RedisError?) {
        if let failure, !isFailing {
            logger.warning("metrics cannot be stored", metadata: ["error": "\(failure)"])
        } else if failure == nil, isFailing {
            logger.info("metrics are stored again")
        }
        isFailing = failure != nil
    }
}
