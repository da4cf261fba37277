import Buffer
package import Model
package import Queue

/// What the publisher publishes, and how often.
package struct MetricsPublisherSettings: Sendable {
    /// The worker's name in the consumer group.
    package var consumer: String
    package var version: String
    package var startedAt: Timestamp
    /// Between two publications.
    package var interval: Duration
    /// The queues whose depth goes to StatsD.
    package var queues: [DeliveryQueueSettings]
    /// Nil = nothing goes to StatsD.
    package var statsD: StatsDAddress?
    /// Series that are kept apart while Redis is away.
    package var seriesLimit: Int
    /// What no other run of a program is called: Redis tells by it which batches it has.
    package var run: String

    package init(
        consumer: String, version: String, startedAt: Timestamp, interval: Duration = .seconds(5),
        queues: [DeliveryQueueSettings] = [], statsD: StatsDAddress? = nil,
        seriesLimit: Int = MetricCounts.defaultSeriesLimit, run: String = MetricsPublisherSettings.randomRun()
    ) {
        self.consumer = consumer
        self.version = version
        self.startedAt = startedAt
        self.interval = interval
        self.queues = queues
        self.statsD = statsD
        self.seriesLimit = seriesLimit
        self.run = run
    }

    /// How long a worker counts as alive without a sign of life: two may be missed.
    var lifetime: Duration { interval * 3 + .seconds(2) }

    /// A name for one run of a program: 64 random bits.
    package static func randomRun() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }
}
