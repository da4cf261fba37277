package import Redis

extension RedisServer {
    /// A connection of the code under test to this server.
    package func connection(
        query: String = "", connectTimeout: Duration = .seconds(10), commandTimeout: Duration = .seconds(10),
        limits: ReplyLimits = ReplyLimits()
    ) throws -> RedisConnection {
        RedisConnection(
            endpoint: try RedisEndpoint(parsing: url + query), connectTimeout: connectTimeout,
            commandTimeout: commandTimeout, limits: limits)
    }

    /// All values of a list, its head first.
    package func list(_ key: String) throws -> [String] {
        var lines = try command("LRANGE", key, "0", "-1")[...]
        var values: [String] = []
        _ = lines.removeLine()
        while let header = lines.removeLine(), let count = Int(header.dropFirst()) {
            values.append(String(decoding: lines.utf8.prefix(count), as: UTF8.self))
            lines = Substring(lines.utf8.dropFirst(count + 2))
        }
        return values
    }

    /// The answer of a command that gives a number.
    package func integer(_ arguments: String...) throws -> Int {
        let answer = try RedisTestConnection(socketPath: socketPath).command(arguments)
        guard let number = Int(answer.filter { $0 == "-" || $0.isNumber }) else {
            throw TestSupportError("no number: \(answer)")
        }
        return number
    }

    /// Puts values at the tail of a list, in this order.
    package func push(_ values: [String], to key: String) throws {
        try RedisTestConnection(socketPath: socketPath).command(["RPUSH", key] + values)
    }
}

extension Substring {
    /// Takes away the first line; nil when nothing is left.
    fileprivate mutating func removeLine() -> Substring? {
        guard let end = utf8.firstIndex(of: 13) else { return nil }
        let line = self[..<end]
        self = self[utf8.index(end, offsetBy: 2)...]
        return line
    }
}
