package import Model
package import Redis

/// What one step of `PayloadArchive.prune` did.
package struct ArchivePruning: Hashable, Sendable {
    /// Payloads deleted.
    package var deletedCount = 0
    /// Whether another step has work to do.
    package var hasMore = false

    package init() {}
}

extension PayloadArchive {
    /// The payloads that one step deletes.
    private static let stepCount = 100

    /// One step that brings the archives of all apps together to their limit, `ArchiveLimits.maximumBytes`: deletes up
    /// to 100 of the oldest payloads, of one app, no more than the limit demands, and forgets what has expired.
    ///
    /// - Parameter isMemoryShort: deletes payloads also below the limit.
    package func prune(now: Timestamp, isMemoryShort: Bool = false) throws(RedisError) -> ArchivePruning {
        let usage = try usage(now: now)
        var pruning = ArchivePruning()
        let excess = isMemoryShort ? usage.bytes : usage.bytes - limits.maximumBytes
        let oldest = now.adding(seconds: -Int64(limits.lifetimeSeconds)).microseconds
        guard let app = usage.apps.first, excess > 0 || app.time < oldest || !usage.expired.isEmpty else {
            return pruning
        }
        // Several apps take turns: of each, what is not younger than the next app's oldest, or than one period.
        let next = usage.apps.count > 1 ? usage.apps[1].time : .max
        let latest = max(next, saturatingSum(app.time, ArchiveUsage.period(limits) * 1_000_000))
        let keys = ArchiveKeys(appID: app.id)
        let taken = try connection.run(
            ScriptCall(
                ArchiveUsage.takeOldest, keys: [keys.index, keys.errors, keys.bytes],
                String(excess > 0 ? latest : oldest), String(Self.stepCount), String(excess > 0 ? excess : .max))
        ).list(key: keys.index, atLeast: 1)
        let ids = taken.dropFirst().compactMap(\.string)
        let (changes, deletedCount) = try delete(ids.map(keys.event))
        var call = ScriptCall(ArchiveUsage.remove, keys: [ArchiveUsage.bytesKey, ArchiveUsage.appsKey])
        changes.append(to: &call)
        call.append(app.id)
        call.append(taken[0].string ?? "")
        for start in usage.expired { call.append(start) }
        _ = try connection.run(call).count(key: ArchiveUsage.bytesKey)
        pruning.deletedCount = deletedCount
        pruning.hasMore = true
        return pruning
    }

    /// The bytes of all archives, as far as they have not expired.
    package func byteCount(now: Timestamp) throws(RedisError) -> Int { try usage(now: now).bytes }

    /// Bytes, starts of the periods that are over, and the two apps with the oldest events.
    private func usage(
        now: Timestamp
    ) throws(RedisError) -> (bytes: Int, expired: [Int64], apps: [(id: Int64, time: Int64)]) {
        var request = RedisRequest()
        request.append("HGETALL", ArchiveUsage.bytesKey)
        request.append("ZRANGE", ArchiveUsage.appsKey, "0", "1", "WITHSCORES")
        let replies = try connection.values(of: request, isRepeatable: true)
        guard replies.count == 2 else { throw .unexpectedReply("the usage of the archive has too few replies") }
        let fields = try replies[0].list(key: ArchiveUsage.bytesKey)
        let items = try replies[1].list(key: ArchiveUsage.appsKey)
        let end = now.microseconds / 1_000_000 - Int64(limits.lifetimeSeconds) - ArchiveUsage.period(limits)
        var (bytes, expired) = (0, [Int64]())
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            guard let start = fields[index].number else { continue }
            if start < end { expired.append(start) } else { bytes += fields[index + 1].count ?? 0 }
        }
        let apps = stride(from: 0, to: items.count - 1, by: 2).compactMap { index in
            items[index].number.map { (id: $0, time: Int64(clamping: items[index + 1].string ?? "")) }
        }
        return (bytes, Array(expired.prefix(Self.stepCount)), apps)
    }

    /// Deletes events; returns the bytes that left each period, and how many there were.
    func delete(_ keys: [String]) throws(RedisError) -> (changes: ArchiveChanges, count: Int) {
        var (changes, count) = (ArchiveChanges(), 0)
        guard !keys.isEmpty else { return (changes, count) }
        var request = RedisRequest()
        for key in keys {
            request.append("HGET", key, QueueField.enqueued)
            request.append("HSTRLEN", key, QueueField.payload)
            request.append("HGET", key, ArchiveKeys.detailsBytes)
            request.append("DEL", key)
        }
        let replies = try connection.values(of: request, isRepeatable: false)
        for index in stride(from: 0, to: replies.count - 3, by: 4) {
            guard try replies[index + 3].count(key: keys[index / 4]) > 0 else { continue }
            count += 1
            guard let time = replies[index].number, let size = replies[index + 1].count else { continue }
            let start = ArchiveUsage.start(Timestamp(clamping: time), limits)
            changes.add(-ArchiveUsage.bytes(payload: size) - (replies[index + 2].count ?? 0), at: start)
        }
        return (changes, count)
    }
}
