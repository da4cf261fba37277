package import Model
package import Redis

extension InteractionSeries {
    /// Puts counts in place of those that are there, for data that does not come from `increment`.
    ///
    /// Buckets that would have ended already are left out.
    ///
    /// - Parameter counts: by the buckets' first seconds, each a multiple of the rollup.
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
            guard token.kind == .error else { throw .unexpectedReply("HSET gave no integer") }
            throw .refused(key: hashKeys[index / 2], message: connection.reply.text(of: token))
        }
    }
}
