import Buffer
package import Queue
package import WebhookRules

/// How a worker delivers.
package struct DeliveryWorkerSettings: Sendable {
    /// The queue that it takes events from.
    package var queue: DeliveryQueueSettings
    /// The worker's name among the consumers of the queue: no other process, before or beside it, may use the same.
    package var consumer: String
    /// After this time without a sign of life the entries of a worker are taken over by another. Entries that wait or
    /// are under way longer are renewed, so it need not be longer than the longest attempt.
    package var visibilityTimeout = Duration.seconds(60)
    package var sender = SenderSettings()
    package var plan = PlanSettings()
    package var retry = RetryPolicy()
    /// Bounds of the payloads that are kept for sending again; nil = none is kept.
    package var archive: ArchiveLimits?
    /// Entries that one read of the queue takes at most.
    package var receiveBatch = 64
    /// Attempts that are recorded and settled together at most.
    package var recordBatch = 256
    /// How long the first attempt that ended waits for others to be recorded with it.
    package var recordDelay = Duration.milliseconds(4)
    /// Entries received and not settled; beyond it nothing is received.
    package var inFlightLimit = 1024
    /// Bytes of their payloads; beyond it nothing is received. One read more than the bound may be in memory.
    package var inFlightBytes = 64 << 20
    /// An entry that was handed out so often without being settled is buried: it may be what ends the workers.
    package var maximumDeliveries = 16
    /// How often what follows from disablings is looked after.
    package var disablingInterval = Duration.seconds(10)
    /// Consumers that have nothing and asked for nothing for this long are forgotten.
    package var consumerLifetime = Duration.seconds(3600)
    /// What `stop` leaves at least for recording and settling once all attempts have ended.
    package var settlingTime = Duration.seconds(2)

    /// - Parameter consumer: unique for each start of a process.
    package init(queue: DeliveryQueueSettings = DeliveryQueueSettings(), consumer: String) {
        self.queue = queue
        self.consumer = consumer
    }
}
