package import Model
package import Redis

/// The interaction counters in Redis: the original's time series store, key for key (docs/protocol.md 3.5).
package final class InteractionSeries: InteractionCounting {
    /// The maximum number of commands sent at once.
    static let commandsPerRoundTrip = 4096

    let connection: RedisConnection

    /// - Parameter connection: may be shared with other stores of the same thread.
    package init(connection: RedisConnection) {
        self.connection = connection
    }

    package func counts(
        of keys: [InteractionKey], rollup: Rollup, bucketStarts: [Int64]
    ) throws(RedisError) -> [[Int64]] {
        let fields = keys.map(InteractionField.init)
        var result = fields.map { _ in [Int64]() }
        // One round trip for a usual query; a very long one needs several, so that its memory is bounded.
        var wanted: [(series: Int, hashKey: String)] = []
        for (index, field) in fields.enumerated() {
            for start in bucketStarts {
                wanted.append((index, field.hashKey(bucketStart: start, rollup: rollup)))
                guard wanted.count == InteractionSeries.commandsPerRoundTrip else { continue }
                try read(wanted, of: fields, into: &result)
                wanted.removeAll(keepingCapacity: true)
            }
        }
        try read(wanted, of: fields, into: &result)
        return result
    }

    /// Reads one value from each of some hashes and appends it to its series.
    private func read(
        _ wanted: [(series: Int, hashKey: String)], of fields: [InteractionField], into result: inout [[Int64]]
    ) throws(RedisError) {
        guard !wanted.isEmpty else { return }
        var request = RedisRequest()
        for (series, hashKey) in wanted { request.append("HGET", hashKey, fields[series].field) }
        try connection.perform(request, isRepeatable: true)
        let reply = connection.reply
        for (token, (series, hashKey)) in zip(reply.tokens, wanted) {
            result[series].append(try count(token, of: reply, hashKey: hashKey))
        }
    }

    private func count(_ token: ReplyToken, of reply: ReplyReader, hashKey: String) throws(RedisError) -> Int64 {
        switch token.kind {
        case .null: return 0
        case .error: throw .refused(key: hashKey, message: reply.text(of: token))
        case .bulk:
            guard let value = Int64(reply.text(of: token)) else {
                throw .unexpectedReply("HGET \(hashKey) returned no integer")
            }
            let bound = Int64(ReplyValue.maximumCount)
            return min(max(value, -bound), bound)
        default: throw .unexpectedReply("HGET \(hashKey) returned no string")
        }
    }

    package func increment(_ key: InteractionKey, at time: Timestamp) throws(RedisError) {
        let field = InteractionField(key)
        let hashKeys = Rollup.allCases.map { field.hashKey(bucketStart: time.seconds, rollup: $0) }
        var request = RedisRequest()
        for (rollup, hashKey) in zip(Rollup.allCases, hashKeys) {
            let size = Int64(rollup.rawValue)
            let bucketStart = time.seconds.floorDivided(by: size) * size
            request.append("HINCRBY", hashKey, field.field, "1")
            request.append("EXPIREAT", hashKey, String(bucketStart + size * Int64(rollup.sampleCount)))
        }
        try connection.perform(request, isRepeatable: false)
        for (index, token) in connection.reply.tokens.enumerated() where token.kind != .integer {
            guard token.kind == .error else { throw .unexpectedReply("an increment returned no integer") }
            throw .refused(key: hashKeys[index / 2], message: connection.reply.text(of: token))
        }
    }
}

extension InteractionSeries {
    /// Replaces counts, for data that does not come from `increment`. Buckets that would have expired are skipped.
    ///
    /// - Parameter counts: by the buckets' start, in seconds since the epoch, each a multiple of the rollup.
    package func replace(
        _ counts: [Int64: Int64], of key: InteractionKey, rollup: Rollup, at now: Timestamp
    ) throws(RedisError) {
        let field = InteractionField(key)
        let lifetime = Int64(rollup.rawValue * rollup.sampleCount)
        var request = RedisRequest()
        var hashKeys: [String] = []
        for (start, count) in counts.sorted(by: { $0.key < $1.key }) where start + lifetime > now.seconds {
            let hashKey = field.hashKey(bucketStart: start, rollup: rollup)
            request.append("HSET", hashKey, field.field, String(count))
            request.append("EXPIREAT", hashKey, String(start + lifetime))
            hashKeys.append(hashKey)
        }
        guard !hashKeys.isEmpty else { return }
        try connection.perform(request, isRepeatable: false)
        for (index, token) in connection.reply.tokens.enumerated() where token.kind != .integer {
            guard token.kind == .error else { throw .unexpectedReply("HSET returned no integer") }
            throw .refused(key: hashKeys[index / 2], message: connection.reply.text(of: token))
        }
    }
}
