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
        try locate(id, appID: appID, maximumSteps: Self.maximumSearchSteps).search
    }

    /// What a search found, and what it took.
    struct Location {
        var search = QueueSearch()
        /// The entry's id in the stream; nil = it is not there.
        var streamID: String?
        /// Round trips.
        var steps = 0
    }

    /// As `search`.
    ///
    /// - Parameter maximumSteps: the round trips after which the search ends; each looks at 600 entries of the stream,
    ///   fewer if they are large.
    func locate(_ id: String, appID: Int64, maximumSteps: Int) throws(RedisError) -> Location {
        guard QueueEntry.isID(id) else { return Location() }
        let keys = shards[settings.shard(of: String(appID))]
        var (low, high) = ("-", "+")
        for step in 1...max(1, maximumSteps) {
            let call = ScriptCall(
                QueueScripts.locate, keys: [keys.stream, keys.scheduledEntries, keys.deadEntries, keys.dropped],
                DeliveryQueue.group, id, String(appID), low, high)
            let values = try connection.run(call, isRepeatable: true).list(key: keys.stream)
            if let place = QueuePlace(values) {
                return Location(
                    search: QueueSearch(place: place), streamID: values.count > 2 ? values[2].string : nil, steps: step)
            }
            guard values.count == 3, let nextLow = values[1].string, let nextHigh = values[2].string else {
                return Location(steps: step)
            }
            (low, high) = (nextLow, nextHigh)
        }
        return Location(search: QueueSearch(isComplete: false), steps: maximumSteps)
    }

    /// Where the queue has an event of an app; nil when it was not found. See `search`.
    package func place(of id: String, appID: Int64) throws(RedisError) -> QueuePlace? {
        try search(for: id, appID: appID).place
    }
}
