package import Model

/// The interaction counters in Redis: the original's time series store, key for key (contract 3.5).
package final class InteractionSeries: InteractionCounting {
    let connection: RedisConnection

    package init(connection: RedisConnection) {
        self.connection = connection
    }

    package func counts(
        of keys: [InteractionKey], rollup: Rollup, bucketStarts: [Int64]
    ) throws(BufferError) -> [[Int64]] {
        let fields = keys.map(InteractionField.init)
        guard !fields.isEmpty, !bucketStarts.isEmpty else { return fields.map { _ in [] } }
        var request = RedisRequest()
        for field in fields {
            for start in bucketStarts {
                request.append("HGET", field.hashKey(bucketStart: start, rollup: rollup), field.field)
            }
        }
        try connection.perform(request, isRepeatable: true)
        var result: [[Int64]] = []
        var index = 0
        for field in fields {
            var series: [Int64] = []
            for start in bucketStarts {
                series.append(
                    try count(at: index, key: { field.hashKey(bucketStart: start, rollup: rollup) }))
                index += 1
            }
            result.append(series)
        }
        return result
    }

    private func count(at index: Int, key: () -> String) throws(BufferError) -> Int64 {
        let token = connection.reply.tokens[index]
        switch token.kind {
        case .null: return 0
        case .error: throw .refused(key: key(), message: connection.reply.text(of: token))
        case .bulk:
            guard let value = Int64(connection.reply.text(of: token)) else {
                throw .unexpectedReply("HGET \(key()) gave no integer")
            }
            return value
        default: throw .unexpectedReply("HGET \(key()) gave no string")
        }
    }

    package func increment(_ key: InteractionKey, at time: Timestamp) throws(BufferError) {
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
            guard token.kind == .error else { throw .unexpectedReply("an increment gave no integer") }
            throw .refused(key: hashKeys[index / 2], message: connection.reply.text(of: token))
        }
    }
}
