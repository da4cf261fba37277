import Model
package import Redis

extension DeliveryQueue: EventLocating {
    /// The round trips of one search: 12,000 entries of a stream, fewer if they are large.
    private static let maximumSearchSteps = 20

    /// Looks for an event of an app in the stream, the scheduled entries, the dead letters and the notes about dropped
    /// entries of the app's shard: in one round trip where the stream has no more than 600 entries and 1 MiB.
    ///
    /// An entry that moves meanwhile may not be found.
    package func search(for id: String, appID: Int64) throws(RedisError) -> QueueSearch {
        guard QueueEntry.isID(id) else { return QueueSearch() }
        let keys = shards[settings.shard(of: String(appID))]
        var (low, high) = ("-", "+")
        for _ in 0..<Self.maximumSearchSteps {
            let call = ScriptCall(
                QueueScripts.locate, keys: [keys.stream, keys.scheduledEntries, keys.deadEntries, keys.dropped],
                DeliveryQueue.group, id, String(appID), low, high)
            let values = try connection.run(call, isRepeatable: true).list(key: keys.stream)
            if let place = QueuePlace(values) { return QueueSearch(place: place) }
            guard values.count == 3, let nextLow = values[1].string, let nextHigh = values[2].string else {
                return QueueSearch()
            }
            (low, high) = (nextLow, nextHigh)
        }
        return QueueSearch(isComplete: false)
    }

    /// Where the queue has an event of an app; nil when it was not found. See `search`.
    package func place(of id: String, appID: Int64) throws(RedisError) -> QueuePlace? {
        try search(for: id, appID: appID).place
    }
}
