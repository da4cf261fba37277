import Model
package import Redis

extension DeliveryQueue: EventLocating {
    /// The round trips of one search: 12,000 entries of a stream, fewer if they are large.
    private static let maximumSearchSteps = 20

    /// Looks for an event of an app in the stream, the scheduled entries, the dead letters and the notes about dropped
    /// entries of all shards: in one round trip where a stream has no more than 600 entries and 1 MiB.
    ///
    /// An entry that moves meanwhile may not be found.
    package func search(for id: String, appID: Int64) throws(RedisError) -> QueueSearch {
        guard QueueEntry.isID(id) else { return QueueSearch() }
        var ranges = shards.map { (keys: $0, low: "-", high: "+") }
        for _ in 0..<Self.maximumSearchSteps {
            let calls = ranges.map { range in
                ScriptCall(
                    QueueScripts.locate,
                    keys: [range.keys.stream, range.keys.scheduledEntries, range.keys.deadEntries, range.keys.dropped],
                    DeliveryQueue.group, id, String(appID), range.low, range.high)
            }
            let replies = try connection.run(calls, isRepeatable: true)
            var rest: [(keys: QueueKeys, low: String, high: String)] = []
            for (range, reply) in zip(ranges, replies) {
                let values = try reply.list(key: range.keys.stream)
                if let place = QueuePlace(values) { return QueueSearch(place: place) }
                guard values.count == 3, let low = values[1].string, let high = values[2].string else { continue }
                rest.append((range.keys, low, high))
            }
            if rest.isEmpty { return QueueSearch() }
            ranges = rest
        }
        return QueueSearch(isComplete: false)
    }

    /// Where the queue has an event of an app; nil when it was not found. See `search`.
    package func place(of id: String, appID: Int64) throws(RedisError) -> QueuePlace? {
        try search(for: id, appID: appID).place
    }
}
