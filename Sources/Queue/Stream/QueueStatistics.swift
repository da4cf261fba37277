package import Model
package import Redis

/// The number of entries in each state, for metrics.
package struct QueueStatistics: Hashable, Sendable {
    /// Due and not yet received by a consumer.
    package var waiting = 0
    /// Received and not settled.
    package var pending = 0
    /// Due later.
    package var scheduled = 0
    /// Dead letters.
    package var dead = 0
    /// Dead letters discarded because the limit was reached.
    package var discarded = 0
    /// The memory of waiting and pending entries, in bytes, as far as it was counted; see `QueueUsage`.
    package var liveBytes = 0
    /// The memory of scheduled entries and dead letters.
    package var keptBytes = 0
    /// Since when the first entry has been due, by Redis' clock; nil when none is waiting or pending.
    package var oldestDueAt: Timestamp?
    /// When the next scheduled entry is due, by Redis' clock.
    package var nextDueAt: Timestamp?
    /// Consumers that have read the queue within the last seconds, of the shard with the most.
    package var readers = 0
    /// When they were read, by Redis' clock; nil where that is the reader's.
    package var readAt: Timestamp?

    /// An empty queue.
    package init() {}

    /// The number of entries that are not dead letters.
    package var depth: Int { waiting + pending + scheduled }

    /// The number of entries that counts against `maximumDepth`.
    package var limitedCount: Int { waiting + pending }

    /// What counts against `maximumBytes`.
    package var byteCount: Int { liveBytes + keptBytes }

    /// How long the first entry has been due, in microseconds; 0 when there is none.
    ///
    /// - Parameter now: counts only without `readAt`.
    package func oldestAgeMicroseconds(at now: Timestamp) -> Int64 {
        oldestDueAt.map { max(0, (readAt ?? now).microseconds - $0.microseconds) } ?? 0
    }
}

/// Reads the statistics of a queue. One object serves one thread.
package protocol QueueStatisticsReading: AnyObject {
    /// The queue's name: `events`, `mail`.
    var queueName: String { get }

    func statistics() throws(RedisError) -> QueueStatistics
}

extension QueueStatistics {
    /// The number of values that `QueueScripts.statistics` returns.
    static let valueCount = 11

    /// Adds the result of `QueueScripts.statistics` for one shard: at least `valueCount` values.
    mutating func add(_ values: [ReplyValue]) {
        let numbers = values.map { $0.count ?? 0 }
        waiting += max(0, numbers[0] - numbers[1])
        pending += numbers[1]
        scheduled += numbers[2]
        dead += numbers[3]
        discarded += numbers[4]
        oldestDueAt = earlier(oldestDueAt, values[5].number)
        nextDueAt = earlier(nextDueAt, values[6].number)
        readAt = values[7].number.map(Timestamp.init(clamping:))
        readers = max(readers, numbers[8])
        liveBytes += numbers[9]
        keptBytes += numbers[10]
    }
}

extension DeliveryQueue: QueueStatisticsReading {
    package var queueName: String { settings.name }
}

/// A configuration of Redis that may lose accepted entries.
package enum QueueHazard: Hashable, Sendable, CustomStringConvertible {
    /// There is no append-only file: a restart loses what was written since the last snapshot, or everything.
    case hasNoAppendOnlyFile
    /// When the memory limit is reached, keys are evicted instead of refusing writes.
    case evicts(policy: String)

    package var description: String {
        switch self {
        case .hasNoAppendOnlyFile:
            "Redis writes no append-only file, so a restart loses accepted events; set appendonly yes"
        case .evicts(let policy):
            "Redis evicts keys, including accepted events, when it reaches its memory limit "
                + "(maxmemory-policy \(policy)); set maxmemory-policy noeviction"
        }
    }
}

extension DeliveryQueue {
    /// The hazards in the configuration of the queue's Redis.
    package func hazards() throws(RedisError) -> [QueueHazard] {
        let information = try connection.information(["persistence", "memory"])
        var hazards: [QueueHazard] = []
        if information["aof_enabled"] == "0" { hazards.append(.hasNoAppendOnlyFile) }
        if let policy = information["maxmemory_policy"], policy != "noeviction" {
            hazards.append(.evicts(policy: String(policy)))
        }
        return hazards
    }
}

/// Reads a queue's statistics and dead letters. One object serves one thread.
package protocol BacklogReading: QueueStatisticsReading {
    /// The queue's limit.
    var maximumDepth: Int { get }
    /// Its limit for memory.
    var maximumBytes: Int { get }

    /// How many dead letters an app has, and the newest, without its payload.
    func deadLetterSummary(appID: Int64) throws(RedisError) -> DeadLetterSummary
}

extension DeliveryQueue: BacklogReading {
    package var maximumDepth: Int { settings.maximumDepth }
    package var maximumBytes: Int { settings.maximumBytes }
}
