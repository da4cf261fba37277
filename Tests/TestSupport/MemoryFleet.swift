import Buffer
package import Model
package import Queue
package import Redis

/// What Redis would say of workers, queue and health, for tests of what asks it.
package final class MemoryFleet: MetricReading, BacklogReading, FailureCountReading {
    package let queueName = "events"
    package var maximumDepth = 100
    package var alive: [WorkerReport] = []
    package var held = QueueStatistics()
    package var letters: [DeadLetter] = []
    /// Today's first.
    package var outcomes: [DailyOutcomes] = []
    /// When set, every question fails with it.
    package var failure: RedisError?

    package init() {}

    private func answer<Value>(_ value: Value) throws(RedisError) -> Value {
        if let failure { throw failure }
        return value
    }

    package func counts() throws(RedisError) -> MetricCounts { try answer(MetricCounts()) }

    package func workers() throws(RedisError) -> [WorkerReport] { try answer(alive) }

    package func statistics() throws(RedisError) -> QueueStatistics { try answer(held) }

    package func deadLetters(
        appID: Int64?, after cursor: DeadLetterPage.Cursor?, count: Int
    ) throws(RedisError) -> DeadLetterPage {
        let own = letters.filter { appID == nil || $0.entry.appID == appID }
        return try answer(DeadLetterPage(letters: Array(own.prefix(count)), next: nil))
    }

    package func days(
        of integration: FailureCountKey, upTo now: Timestamp, count: Int
    ) throws(RedisError) -> [DailyOutcomes] {
        let empty = [DailyOutcomes](repeating: DailyOutcomes(), count: max(0, count - outcomes.count))
        return try answer(Array((outcomes + empty).prefix(count)))
    }
}
