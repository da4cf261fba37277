package import Redis

extension DeliveryQueue {
    /// The round trips of one search: as many as a stream of 100,000 entries of 1 kB needs.
    private static let erasureSearchSteps = 250
    /// How often the queue is searched while the entry moves.
    private static let erasureRounds = 8

    /// What the queue has of an event of an app, as `erase` would find it.
    package func erasable(id: String, appID: Int64) throws(RedisError) -> QueueErasure {
        guard QueueEntry.isID(id) else { return .places([]) }
        for _ in 0..<Self.erasureRounds {
            let location = try locate(id, appID: appID, maximumSteps: Self.erasureSearchSteps)
            guard location.search.isComplete else { return .incomplete }
            let found = try erase(id, appID, streamID: location.streamID, removes: false)
            // What was found and is not there any more has moved, or left the queue.
            guard found == .places([]), location.search.place != nil else { return found }
        }
        return .moving
    }

    /// Removes an event of an app: the entry in the stream or among the scheduled entries, the dead letter, the note
    /// about a dropped entry. While a worker has the entry, nothing is removed.
    ///
    /// An entry can move between the search and its removal, which is one atomic step: the queue is searched until
    /// nothing is found. What is found in several round trips is searched for twice, because an entry can also move
    /// behind the search.
    ///
    /// A worker records an attempt before it settles the entry: after the removal none writes about the event any more,
    /// except one that lost its lease while it stood still.
    ///
    /// - Returns: the places it was removed from; `moving` also after some of it was removed.
    package func erase(id: String, appID: Int64) throws(RedisError) -> QueueErasure {
        guard QueueEntry.isID(id) else { return .places([]) }
        var places: [ErasedPlace] = []
        var mustConfirm = false
        for _ in 0..<Self.erasureRounds {
            let location = try locate(id, appID: appID, maximumSteps: Self.erasureSearchSteps)
            guard location.search.isComplete else { return places.isEmpty ? .incomplete : .moving }
            let step = try erase(id, appID, streamID: location.streamID, removes: true)
            guard case .places(let removed) = step else { return places.isEmpty ? step : .moving }
            places += removed
            if removed.isEmpty, location.search.place == nil {
                if location.steps <= 1 || mustConfirm { return .places(places) }
                mustConfirm = true
            } else {
                mustConfirm = false
            }
        }
        return .moving
    }

    /// One step: what the queue has of the event, as far as the stream id is the entry's, removed or not.
    ///
    /// - Parameter streamID: the entry's id in the stream, as a search found it; it may be outdated.
    func erase(
        _ id: String, _ appID: Int64, streamID: String?, removes: Bool
    ) throws(RedisError) -> QueueErasure {
        let keys = shards[settings.shard(of: String(appID))]
        let call = ScriptCall(
            QueueScripts.erase, keys: keys.forErasure, DeliveryQueue.group, id, String(appID), streamID ?? "",
            removes ? "1" : "0")
        let names = try connection.run(call, isRepeatable: !removes).list(key: keys.stream).compactMap(\.string)
        return names == ["in_progress"] ? .inProgress : .places(names.compactMap(ErasedPlace.init))
    }
}
