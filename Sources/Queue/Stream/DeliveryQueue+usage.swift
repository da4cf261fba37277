package import Redis

/// A pass over all entries of a shard that finds out what they take.
struct UsageCheck: Hashable {
    enum Part: Int {
        case stream, deadLetters, scheduled
    }

    var part = Part.stream
    /// Where the next page begins; nil: at the beginning.
    var position: String?
    /// The last id of the stream that is looked at: entries that come later are counted by the scripts.
    var end = "+"
    /// The sum of all changes at the beginning.
    var base = 0
    var liveBytes = 0
    var keptBytes = 0
    /// By app.
    var entries: [String: Int] = [:]
    var bytes: [String: Int] = [:]
}

extension DeliveryQueue {
    /// The number of an app's entries that are waiting or in progress, as Redis counts it; see `QueueUsage`.
    package func entryCount(appID: Int64) throws(RedisError) -> Int {
        let key = shards[settings.shard(of: String(appID))].usage
        var request = RedisRequest()
        request.append("HGET", key, "\(appID):entries")
        let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
        return try reply.checked(key: key).count ?? 0
    }

    /// The smallest entry, in bytes.
    private static let leastBytes = QueueUsage.liveOverhead

    /// One page of the pass; the next position, nil at the end.
    ///
    /// - Parameter changes: increased by the number of counters that had to be corrected.
    func step(_ check: UsageCheck, keys: QueueKeys, changes: inout Int) throws(RedisError) -> UsageCheck? {
        var check = check
        if check.part == .stream, check.position == nil {
            check.base = try counters(of: keys).sum
            let lastID = ScriptCall(QueueUsage.lastID, keys: [keys.stream])
            check.end = try connection.run(lastID, isRepeatable: true).checked(key: keys.stream).string ?? "+"
        }
        let call =
            switch check.part {
            case .stream:
                ScriptCall(QueueUsage.measureStream, keys: [keys.stream], check.position ?? "-", check.end)
            case .deadLetters:
                ScriptCall(QueueUsage.measureKept, keys: [keys.deadByApp, keys.deadEntries], check.position ?? "")
            case .scheduled:
                ScriptCall(
                    QueueUsage.measureKept, keys: [keys.scheduledByApp, keys.scheduledEntries], check.position ?? "")
            }
        let values = try connection.run(call, isRepeatable: true).list(key: call.keys[0], atLeast: 1)
        for index in stride(from: 1, to: values.count - 2, by: 3) {
            guard let owner = values[index].string, let count = values[index + 1].count,
                let bytes = values[index + 2].count
            else { continue }
            if check.part == .stream {
                check.liveBytes += bytes
                check.entries[owner, default: 0] += count
            } else {
                check.keptBytes += bytes
            }
            check.bytes[owner, default: 0] += bytes
        }
        if let position = values[0].string, !position.isEmpty {
            check.position = position
            return check
        }
        check.position = nil
        guard let next = UsageCheck.Part(rawValue: check.part.rawValue + 1) else {
            changes += try correct(check, keys: keys)
            return nil
        }
        check.part = next
        return check
    }

    /// Corrects the counters that are wrong by more than what has changed since the pass began; returns how many.
    ///
    /// The measure of a counter and its true value differ by no more than that: each change was seen by the pass, or
    /// not. So what the scripts have counted right is never changed, and what older workers left is corrected in a
    /// quiet moment at the latest. Where the sum has shrunk, Redis was emptied meanwhile, and the next pass corrects.
    private func correct(_ check: UsageCheck, keys: QueueKeys) throws(RedisError) -> Int {
        let counters = try counters(of: keys)
        guard counters.invalid.isEmpty else { return try remove(counters.invalid, keys: keys) }
        let tolerance = counters.sum.subtractingReportingOverflow(check.base).partialValue
        guard tolerance >= 0 else { return 0 }
        var corrections: [(field: String, change: Int)] = []
        func compare(_ field: String, _ held: Int, _ measured: Int, _ tolerance: Int, sign: Int = 1) {
            guard abs(held - measured) > tolerance else { return }
            corrections.append((field, sign * (measured - held)))
        }
        compare("live-out", counters.live, check.liveBytes, tolerance, sign: -1)
        compare("kept-out", counters.kept, check.keptBytes, tolerance, sign: -1)
        for (suffix, measured, tolerance) in [
            (":bytes", check.bytes, tolerance), (":entries", check.entries, tolerance / Self.leastBytes),
        ] {
            let held = counters.fields.filter { $0.key.hasSuffix(suffix) }
            for field in Set(held.keys).union(measured.keys.map { $0 + suffix }) {
                compare(field, held[field] ?? 0, measured[String(field.dropLast(suffix.count))] ?? 0, tolerance)
            }
        }
        guard !corrections.isEmpty else { return 0 }
        var request = RedisRequest()
        for (field, change) in corrections {
            // What is not there any more has no field.
            if change == -(counters.fields[field] ?? 0), field.contains(":") {
                request.append("HDEL", keys.usage, field)
            } else {
                request.append("HINCRBY", keys.usage, field, String(change))
            }
        }
        for reply in try connection.values(of: request, isRepeatable: false) {
            _ = try reply.checked(key: keys.usage)
        }
        return corrections.count
    }

    /// Removes counters that no script can have written, so that the next pass counts from zero.
    private func remove(_ fields: [String], keys: QueueKeys) throws(RedisError) -> Int {
        var request = RedisRequest()
        for field in fields { request.append("HDEL", keys.usage, field) }
        for reply in try connection.values(of: request, isRepeatable: true) {
            _ = try reply.checked(key: keys.usage)
        }
        return fields.count
    }

    /// `invalid`: the fields that are no counters.
    private typealias Counters = (fields: [String: Int], invalid: [String], live: Int, kept: Int, sum: Int)

    private func counters(of keys: QueueKeys) throws(RedisError) -> Counters {
        var request = RedisRequest()
        request.append("HGETALL", keys.usage)
        let values = try (connection.values(of: request, isRepeatable: true).first ?? .null).list(key: keys.usage)
        var fields: [String: Int] = [:]
        var invalid: [String] = []
        for index in stride(from: 0, to: values.count - 1, by: 2) {
            guard let field = values[index].string, let number = values[index + 1].number else { continue }
            if number.magnitude > ReplyValue.maximumCount { invalid.append(field) } else { fields[field] = Int(number) }
        }
        let totals = ["live-in", "live-out", "kept-in", "kept-out"].map { fields[$0] ?? 0 }
        return (
            fields, invalid, totals[0] - totals[1], totals[2] - totals[3], totals.reduce(0, +)
        )
    }
}
