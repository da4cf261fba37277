import Buffer
import Model
import Queue
import Redis

/// What `/-/status` says, before it is put into one of its forms.
struct StatusReport {
    /// What stands in Redis.
    struct Fleet {
        var counts = MetricCounts()
        var workers: [WorkerReport] = []
        var queues: [Queue] = []
    }

    struct Queue {
        var name: String
        var statistics: QueueStatistics
        /// How long the entry that comes first could have been delivered already.
        var oldestDueMicroseconds: Int64
    }

    var version: String
    var startedAt: Timestamp?
    var now: Timestamp
    /// Nil when Redis did not give it all, or was not asked.
    var fleet: Fleet?
    /// Why it did not.
    var failure: RedisError?
    /// What this process says of itself.
    var process: ProcessStatus?
    var answerCache: ResponseCacheCounts?
    /// Whether each thread is shown, too.
    var isFull: Bool

    /// Asks the sources; after the first that fails no other, so that a Redis that hangs costs one time-out.
    init(_ sources: StatusSources, now: Timestamp, isFull: Bool = false) {
        version = sources.version
        startedAt = sources.startedAt
        self.now = now
        self.isFull = isFull
        process = sources.process?()
        answerCache = sources.answerCache?()
        guard sources.metrics != nil || !sources.queues.isEmpty else { return }
        do {
            var fleet = Fleet()
            if let metrics = sources.metrics {
                fleet.counts = try metrics.counts()
                fleet.workers = try metrics.workers()
            }
            for queue in sources.queues {
                let statistics = try queue.statistics()
                fleet.queues.append(
                    Queue(
                        name: queue.queueName, statistics: statistics,
                        oldestDueMicroseconds: statistics.oldestAgeMicroseconds(at: now)))
            }
            self.fleet = fleet
        } catch {
            failure = error
        }
    }

    /// Whole seconds since this process started.
    var uptimeSeconds: Int64? { startedAt.map { max(0, now.microseconds - $0.microseconds) / 1_000_000 } }
}

extension StatusReport.Queue {
    /// The states an entry can be in, by name.
    var states: [(name: String, count: Int)] {
        [
            ("waiting", statistics.waiting), ("pending", statistics.pending), ("scheduled", statistics.scheduled),
            ("dead", statistics.dead),
        ]
    }
}
