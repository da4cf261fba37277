package import Queue
package import WebhookRules

/// Settings of a delivery worker.
package struct DeliveryWorkerSettings: Sendable {
    /// The queue of events.
    package var queue: DeliveryQueueSettings
    /// The worker's consumer name: unique among all processes, also earlier ones.
    package var consumer: String
    /// Entries whose lease was not renewed for this time are claimed by another worker. Leases of entries in flight are
    /// renewed, so it need not be longer than the longest attempt.
    package var visibilityTimeout = Duration.seconds(60)
    package var sender = SenderSettings()
    package var plan = PlanSettings()
    package var policies = DeliveryPolicies(.sentry)
    /// Limits of the archive of payloads for redelivery; nil = payloads are not archived.
    package var archive: ArchiveLimits?
    /// How redelivery jobs are run; without an archive there are none.
    package var redelivery = RedeliverySettings()
    /// Bytes of a response's body that are kept in the details of an attempt.
    package var detailsBytes = 16 << 10
    /// Limit of entries that one read of the queue returns.
    package var receiveBatch = 64
    /// Limit of deliveries that are recorded and settled together.
    package var recordBatch = 256
    /// How long the first completed delivery waits for others to be recorded with it.
    package var recordDelay = Duration.milliseconds(4)
    /// Limit of entries received and not settled; beyond it nothing is received.
    package var inFlightLimit = 1024
    /// Limit of their payloads in bytes; it may be exceeded by one read.
    package var inFlightBytes = 64 << 20
    /// How often pending notices are completed.
    package var noticeInterval = Duration.seconds(10)
    /// Consumers without entries that were idle for this long are removed.
    package var consumerLifetime = Duration.seconds(3600)
    /// Least time that `stop` leaves for recording and settling after all attempts have ended.
    package var settlingTime = Duration.seconds(2)

    /// The policy of apps without one of their own.
    package var policy: DeliveryPolicy {
        get { policies.deployment }
        set { policies.deployment = newValue }
    }

    /// - Parameter consumer: unique for each start of a process.
    package init(queue: DeliveryQueueSettings = DeliveryQueueSettings(), consumer: String) {
        self.queue = queue
        self.consumer = consumer
    }
}
