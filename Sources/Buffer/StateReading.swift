package import Model
package import Queue
package import Redis

/// Where the daily counts of what became of an app's webhooks are read. One object serves one thread.
package protocol FailureCountReading: AnyObject {
    /// The outcomes of so many days, today's first; a day without any is empty.
    func days(
        of integration: FailureCountKey, upTo now: Timestamp, count: Int
    ) throws(RedisError) -> [DailyOutcomes]
}

extension FailureCounts: FailureCountReading {}

/// Where it is read what waits in a queue and what will not be delivered any more. One object serves one thread.
package protocol BacklogReading: QueueStatisticsReading {
    /// The queue is full when it holds so many entries.
    var maximumDepth: Int { get }

    /// The dead letters of an app, or of all, without their payloads; see `DeliveryQueue.deadLetters`.
    func deadLetters(
        appID: Int64?, after cursor: DeadLetterPage.Cursor?, count: Int
    ) throws(RedisError) -> DeadLetterPage
}

extension DeliveryQueue: BacklogReading {
    package var maximumDepth: Int { settings.maximumDepth }
}
