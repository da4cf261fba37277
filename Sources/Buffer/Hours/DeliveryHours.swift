package import Model
package import Redis

/// The counts of each app's attempts by the hour, of the last 30 days, in Redis.
///
/// A hash for each app and span of six hours has fields `hour:name`: the hour of the span, 0 to 5, and `s` (succeeded),
/// `f` (failed), `t` (timeouts) or the number of a bucket of `DurationHistogram`; the field `batches` has the tokens of
/// the last batches. With all buckets that is less than 512 fields, up to which Redis keeps a hash in its compact form
/// (`hash-max-listpack-entries`). A hash expires as a whole, so that nothing has to be removed.
package final class DeliveryHours: DeliveryHourReading {
    private static let hoursPerSpan: Int64 = 6
    private static let secondsPerSpan = 3600 * hoursPerSpan
    /// Spans that are kept beside the present one: 30 days.
    private static let spanCount: Int64 = 120

    private let connection: RedisConnection

    package init(connection: RedisConnection) {
        self.connection = connection
    }

    /// - Parameter span: its number since the epoch.
    static func key(appID: Int64, span: Int64) -> String { "hookline:{app:\(appID)}:hours:\(span)" }

    package func hours(
        appID: Int64, startingIn range: Range<Int64>, now: Timestamp
    ) throws(RedisError) -> [DeliveryHour] {
        guard !range.isEmpty else { return [] }
        let kept = Self.spans(at: now)
        let first = max(range.lowerBound.floorDivided(by: Self.secondsPerSpan), kept.lowerBound)
        let last = min((range.upperBound - 1).floorDivided(by: Self.secondsPerSpan), kept.upperBound)
        guard first <= last else { return [] }
        var request = RedisRequest()
        for span in first...last { request.append("HGETALL", Self.key(appID: appID, span: span)) }
        var hours: [DeliveryHour] = []
        for (span, reply) in zip(first...last, try connection.values(of: request, isRepeatable: true)) {
            let values = try reply.list(key: Self.key(appID: appID, span: span))
            hours += Self.hours(values, span: span)
        }
        return hours.filter { range.contains($0.start) }
    }

    /// The spans that may be there: one more on both sides than are kept, because clocks differ.
    private static func spans(at now: Timestamp) -> ClosedRange<Int64> {
        let present = now.seconds.floorDivided(by: secondsPerSpan)
        return present - spanCount - 1...present + 1
    }

    /// The hours of the fields and values of one hash. Fields that this release does not know are left out.
    private static func hours(_ values: [ReplyValue], span: Int64) -> [DeliveryHour] {
        var hours: [Int64: DeliveryCounts] = [:]
        for index in stride(from: 0, to: values.count - 1, by: 2) {
            guard let parts = values[index].string?.split(separator: ":"), parts.count == 2,
                let hour = Int64(parts[0]), (0..<hoursPerSpan).contains(hour), let count = values[index + 1].count
            else { continue }
            let number = Int64(count)
            switch parts[1] {
            case "s": hours[hour, default: DeliveryCounts()].succeeded = number
            case "f": hours[hour, default: DeliveryCounts()].failed = number
            case "t": hours[hour, default: DeliveryCounts()].timeouts = number
            default:
                guard let bucket = Int(parts[1]) else { continue }
                hours[hour, default: DeliveryCounts()].durations.add(number, bucket: bucket)
            }
        }
        return hours.sorted { $0.key < $1.key }.map {
            DeliveryHour(start: span * secondsPerSpan + $0.key * 3600, counts: $0.value)
        }
    }
}

extension DeliveryHours {
    /// The batches whose tokens a hash remembers: more than workers that repeat one to the same app at the same time.
    /// Their tokens are as long as a value may be in the compact form of a small hash.
    private static let rememberedBatches = 8
    private static let tokenLength = 8

    /// KEYS: a hash. ARGV: token of the batch, when the hash expires in seconds since the epoch, then fields and
    /// counts. Returns 0 for a batch that was counted already.
    ///
    /// Without free memory (`OOM`) Redis refuses a script whose first write may need some, so it begins with a removal,
    /// of nothing: the number of fields is limited.
    private static let count = RedisScript(
        """
        local batches = redis.call('HGET', KEYS[1], 'batches') or ''
        for i = 1, #batches, \(tokenLength) do
            if string.sub(batches, i, i + \(tokenLength - 1)) == ARGV[1] then return 0 end
        end
        redis.call('HDEL', KEYS[1], '')
        redis.call('HSET', KEYS[1], 'batches', string.sub(ARGV[1] .. batches, 1, \(tokenLength * rememberedBatches)))
        redis.call('EXPIREAT', KEYS[1], ARGV[2])
        for i = 3, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
        return 1
        """)

    /// The calls that count attempts, one for each app and span, to be sent with those that record them.
    ///
    /// - Parameters:
    ///   - batch: a batch that is sent again with the same one is counted once.
    ///   - now: rows of spans that are not kept any more, and of spans after the next one, are not counted.
    static func calls(counting records: [WebhookRequestRecord], batch: RecordBatch, now: Timestamp) -> [ScriptCall] {
        struct Span: Hashable { let appID, number: Int64 }
        var spans: [Span: [Int64: DeliveryCounts]] = [:]
        let present = now.seconds.floorDivided(by: secondsPerSpan)
        // The clocks of programs that write rows differ.
        let counted = present - spanCount...present + 1
        for record in records {
            let hour = record.date.seconds.floorDivided(by: 3600)
            let span = Span(appID: record.appID, number: hour.floorDivided(by: hoursPerSpan))
            guard counted.contains(span.number) else { continue }
            spans[span, default: [:]][hour - span.number * hoursPerSpan, default: DeliveryCounts()].record(record)
        }
        return spans.compactMap { span, hours in
            let added = hours.sorted { $0.key < $1.key }.flatMap { fields(of: $0.value, hour: $0.key) }
            guard !added.isEmpty else { return nil }
            var call = ScriptCall(
                count, keys: [key(appID: span.appID, span: span.number)], batch.token,
                String((span.number + spanCount + 1) * secondsPerSpan))
            for (name, number) in added {
                call.append(name)
                call.append(number)
            }
            return call
        }
    }

    private static func fields(of counts: DeliveryCounts, hour: Int64) -> [(name: String, count: Int64)] {
        var fields = [("s", counts.succeeded), ("f", counts.failed), ("t", counts.timeouts)]
        fields += counts.durations.counts.enumerated().map { (String($0.offset), $0.element) }
        return fields.filter { $0.1 > 0 }.map { ("\(hour):\($0.0)", $0.1) }
    }

    /// Counts an attempt of no app, and removes the count.
    ///
    /// - Throws: `refused` with Redis' words.
    static func checkWrites(on connection: RedisConnection) throws(RedisError) {
        // No app has the id 0.
        let key = key(appID: 0, span: 0)
        let call = ScriptCall(
            count, keys: [key], RecordBatch().token, String(Timestamp.now().seconds + 10), "0:s", "1")
        _ = try connection.run(call).count(key: key)
        try remove([key], on: connection)
    }

    /// Removes all counts of an app.
    static func removeAll(appID: Int64, now: Timestamp, on connection: RedisConnection) throws(RedisError) {
        try remove(spans(at: now).map { key(appID: appID, span: $0) }, on: connection)
    }

    private static func remove(_ keys: [String], on connection: RedisConnection) throws(RedisError) {
        var request = RedisRequest()
        request.begin(argumentCount: keys.count + 1)
        request.appendArgument("DEL")
        for key in keys { request.appendArgument(key) }
        _ = try connection.values(of: request, isRepeatable: false).first?.checked(key: keys[0])
    }
}

/// Attempts that are recorded together, also if that is tried several times.
package struct RecordBatch: Hashable, Sendable {
    /// Eight characters, by which a hash of counts knows the batch.
    let token: String
    /// Whether an earlier call with the same records, or with more of them, failed, or refused these.
    package var isRepeated: Bool

    /// A new one.
    package init(isRepeated: Bool = false) {
        self.isRepeated = isRepeated
        let digits = String(UInt32.random(in: .min ... .max), radix: 16)
        token = String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}
