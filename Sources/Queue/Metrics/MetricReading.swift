package import Redis

/// Where the fleet's counts are read.
package protocol MetricReading: AnyObject {
    /// Everything counted so far, by all workers.
    func counts() throws(RedisError) -> MetricCounts

    /// The workers that are alive, by name.
    func workers() throws(RedisError) -> [WorkerReport]
}

/// Where it is read what a queue holds.
package protocol QueueStatisticsReading: AnyObject {
    /// The queue's name: `events`, `mail`.
    var queueName: String { get }

    func statistics() throws(RedisError) -> QueueStatistics
}

extension DeliveryQueue: QueueStatisticsReading {
    package var queueName: String { settings.name }
}
