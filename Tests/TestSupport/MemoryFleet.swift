package import Model
package import Queue
package import Redis

/// Workers, queue and failure counts in memory.
package final class MemoryFleet: MetricReading, BacklogReading, FailureCountReading, FailureWindowKeeping,
    PendingDisablingKeeping, CircuitBreakerReading
{
    package let queueName = "events"
    package var maximumDepth = 100
    package var maximumBytes = 1 << 30
    package var alive: [WorkerReport] = []
    package var held = QueueStatistics()
    package var letters: [DeadLetter] = []
    /// Today's first.
    package var outcomes: [DailyOutcomes] = []
    /// The circuit breaker of every app.
    package var circuit = CircuitState.closed
    /// Of every app.
    package var failureWindow = FailureWindow()
    package var pendingDisablings: [PendingDisabling] = []
    /// When set, every call fails with it.
    package var failure: RedisError?

    package init() {}

    private func returning<Value>(_ value: Value) throws(RedisError) -> Value {
        if let failure { throw failure }
        return value
    }

    package func states(of names: [CircuitName], at now: Timestamp) throws(RedisError) -> [CircuitState] {
        if let failure { throw failure }
        return names.map { _ in circuit }
    }

    package func counts() throws(RedisError) -> MetricCounts { try returning(MetricCounts()) }

    package func workers() throws(RedisError) -> [WorkerReport] { try returning(alive) }

    package func statistics() throws(RedisError) -> QueueStatistics { try returning(held) }

    package func deadLetterSummary(appID: Int64) throws(RedisError) -> DeadLetterSummary {
        let own = letters.filter { $0.entry.appID == appID }
        return try returning(DeadLetterSummary(count: own.count, newest: own.last))
    }

    package func window(appID: Int64) throws(RedisError) -> FailureWindow { try returning(failureWindow) }

    package func window(of destination: WebhookDestination) throws(RedisError) -> FailureWindow {
        try returning(failureWindow)
    }

    package func clear(appID: Int64) throws(RedisError) { failureWindow = try returning(FailureWindow()) }

    package func disabling(appID: Int64) throws(RedisError) -> PendingDisabling? {
        try returning(pendingDisablings.first { $0.appID == appID })
    }

    package func remove(appID: Int64) throws(RedisError) -> Bool {
        let found = try disabling(appID: appID) != nil
        pendingDisablings.removeAll { $0.appID == appID }
        return found
    }

    package func days(
        of integration: FailureCountKey, upTo now: Timestamp, count: Int
    ) throws(RedisError) -> [DailyOutcomes] {
        let empty = [DailyOutcomes](repeating: DailyOutcomes(), count: max(0, count - outcomes.count))
        return try returning(Array((outcomes + empty).prefix(count)))
    }
}

/// Archived payloads in an array.
package final class MemoryPayloads: PayloadReading {
    package var events: [ArchivedEvent] = []
    /// Details of attempts by the event's id, newest first.
    package var attempts: [String: [AttemptDetails]] = [:]
    /// By the event's id.
    package var redeliveries: [String: [ArchivedRecord.Redelivery]] = [:]
    /// When set, every call fails with it.
    package var failure: RedisError?

    package init() {}

    package func event(id: String, appID: Int64) throws(RedisError) -> ArchivedEvent? {
        if let failure { throw failure }
        return events.first { $0.id == id && $0.appID == appID }
    }

    package func count(_ query: ArchiveQuery, now: Timestamp) throws(RedisError) -> Int {
        if let failure { throw failure }
        return events.count { $0.appID == query.appID }
    }

    package func record(id: String, appID: Int64) throws(RedisError) -> ArchivedRecord {
        let event = try event(id: id, appID: appID)
        return ArchivedRecord(
            event: event, attempts: event == nil ? [] : attempts[id] ?? [],
            redeliveries: event == nil ? [] : redeliveries[id] ?? [])
    }

    package func records(
        ids: ArraySlice<String>, appID: Int64, byteLimit: Int
    ) throws(RedisError) -> (records: [ArchivedRecord], byteCount: Int) {
        var (records, byteCount): ([ArchivedRecord], Int) = ([], 0)
        for id in ids where byteCount <= byteLimit {
            let record = try record(id: id, appID: appID)
            records.append(record)
            byteCount += record.event?.payload.count ?? 0
        }
        return (records, byteCount)
    }
}

/// A queue whose events are where the test says.
package final class MemoryPlaces: EventLocating {
    /// By id.
    package var places: [String: QueuePlace] = [:]
    package var isComplete = true
    /// When set, every call fails with it.
    package var failure: RedisError?

    package init() {}

    package func search(for id: String, appID: Int64) throws(RedisError) -> QueueSearch {
        if let failure { throw failure }
        let place = places[id]
        let owner: Int64? =
            switch place {
            case .waiting(let entry, _), .inProgress(let entry), .scheduled(let entry): entry.appID
            case .deadLetter(let letter): letter.entry.appID
            case .dropped, nil: nil
            }
        return QueueSearch(place: owner.map { $0 == appID } ?? true ? place : nil, isComplete: isComplete)
    }
}
