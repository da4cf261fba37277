package import Redis

/// How much memory a Redis uses, and may use.
package struct RedisMemory: Hashable, Sendable {
    package var usedBytes: Int
    /// `maxmemory`; 0: no limit.
    package var maximumBytes: Int

    package init(usedBytes: Int, maximumBytes: Int) {
        self.usedBytes = usedBytes
        self.maximumBytes = maximumBytes
    }

    /// In whole percent of the limit; nil without one.
    package var usedPercent: Int? {
        maximumBytes > 0 ? Int(Double(usedBytes) / Double(maximumBytes) * 100) : nil
    }
}

extension DeliveryQueue {
    /// The memory of the queue's Redis; nil where it does not say, as some managed services.
    package func memory() throws(RedisError) -> RedisMemory? {
        do throws(RedisError) {
            let information = try connection.information(["memory"])
            guard let used = information["used_memory"].flatMap({ Int($0) }),
                let maximum = information["maxmemory"].flatMap({ Int($0) })
            else { return nil }
            return RedisMemory(usedBytes: used, maximumBytes: maximum)
        } catch {
            if case .refused = error { return nil }
            throw error
        }
    }
}

extension RedisConnection {
    /// The fields of sections of `INFO`.
    func information(_ sections: [String]) throws(RedisError) -> [Substring: Substring] {
        var request = RedisRequest()
        for section in sections { request.append("INFO", section) }
        var information: [Substring: Substring] = [:]
        for reply in try values(of: request, isRepeatable: true) {
            guard let text = try reply.checked(key: "INFO").string else {
                throw .unexpectedReply("INFO returned no string")
            }
            for line in text.split(whereSeparator: \.isNewline) {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2 { information[parts[0]] = parts[1] }
            }
        }
        return information
    }
}
