package import Redis

/// How a Redis is set up so that it may lose what a queue accepted.
package enum QueueHazard: Hashable, Sendable, CustomStringConvertible {
    /// There is no append-only file: a restart loses what came since the last snapshot, or everything.
    case hasNoAppendOnlyFile
    /// When memory is used up, keys are thrown away instead of refusing writes.
    case evicts(policy: String)

    package var description: String {
        switch self {
        case .hasNoAppendOnlyFile:
            "Redis writes no append-only file, so a restart loses accepted events; set appendonly yes"
        case .evicts(let policy):
            "Redis throws keys away when its memory is used up (maxmemory-policy \(policy)), accepted events "
                + "included; set maxmemory-policy noeviction"
        }
    }
}

extension DeliveryQueue {
    /// What is wrong with the set-up of the Redis that the queue lies in; empty when nothing is.
    package func hazards() throws(RedisError) -> [QueueHazard] {
        var request = RedisRequest()
        request.append("INFO", "persistence")
        request.append("INFO", "memory")
        var information: [Substring: Substring] = [:]
        let answers = try connection.values(of: request, isRepeatable: true)
        for answer in answers {
            guard let text = try answer.checked(key: "INFO").string else {
                throw .unexpectedReply("INFO gave no text")
            }
            for line in text.split(whereSeparator: \.isNewline) {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2 { information[parts[0]] = parts[1] }
            }
        }
        var hazards: [QueueHazard] = []
        if information["aof_enabled"] == "0" { hazards.append(.hasNoAppendOnlyFile) }
        if let policy = information["maxmemory_policy"], policy != "noeviction" {
            hazards.append(.evicts(policy: String(policy)))
        }
        return hazards
    }
}
