import Buffer
package import Directory
package import Model
package import Queue
package import Redis

/// The settings of Redis, the directory and the queue, which mean the same in every program.
package struct StoreConfiguration: Hashable, Sendable {
    package var redis: RedisEndpoint
    package var redisConnectMilliseconds: Int
    package var redisCommandMilliseconds: Int
    package var directory: DirectoryLocation
    package var events: EventCatalogue
    package var queue: QueueConfiguration

    /// A connection that is not made yet: Redis may be down.
    ///
    /// - Parameter retainedBytes: memory that it keeps from one answer to the next; nil = the usual.
    package func makeConnection(retainedBytes: Int? = nil) -> RedisConnection {
        var limits = replyLimits
        limits.retainedBytes = retainedBytes ?? limits.retainedBytes
        return RedisConnection(
            endpoint: redis, connectTimeout: .milliseconds(redisConnectMilliseconds),
            commandTimeout: .milliseconds(redisCommandMilliseconds), limits: limits)
    }

    /// The bounds of Redis' answers.
    package var replyLimits: ReplyLimits {
        var limits = ReplyLimits()
        limits.maximumElementBytes = max(limits.maximumElementBytes, queue.maximumPayloadBytes)
        return limits
    }
}

/// The bounds of the queue of events, and how long what belongs to it is kept.
package struct QueueConfiguration: Hashable, Sendable {
    package var shardCount: Int
    package var maximumDepth: Int
    /// Of the body of a call that enqueues an event.
    package var maximumEventBytes: Int
    package var idempotencySeconds: Int
    /// How long payloads are kept to be sent again; 0 = they are not kept.
    package var payloadSeconds: Int

    package init(
        shardCount: Int, maximumDepth: Int, maximumEventBytes: Int, idempotencySeconds: Int, payloadSeconds: Int
    ) {
        self.shardCount = shardCount
        self.maximumDepth = maximumDepth
        self.maximumEventBytes = maximumEventBytes
        self.idempotencySeconds = idempotencySeconds
        self.payloadSeconds = payloadSeconds
    }

    /// The bound of one entry's payload.
    package var maximumPayloadBytes: Int {
        DeliveryQueueSettings.maximumPayloadBytes(forEventBytes: maximumEventBytes)
    }

    /// The queue of events.
    package var events: DeliveryQueueSettings {
        DeliveryQueueSettings(
            name: "events", shardCount: shardCount, maximumDepth: maximumDepth,
            maximumPayloadBytes: maximumPayloadBytes, idempotencyLifetimeSeconds: idempotencySeconds)
    }

    /// The archive of payloads; nil when they are not kept.
    package var archive: ArchiveLimits? {
        payloadSeconds == 0
            ? nil : ArchiveLimits(lifetimeSeconds: payloadSeconds, maximumPayloadBytes: maximumPayloadBytes)
    }
}
