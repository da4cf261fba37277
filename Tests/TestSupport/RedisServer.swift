import Foundation
package import Redis

/// A redis-server process for one test, on a unix socket in a temporary folder and optionally on a TCP port.
package final class RedisServer: Sendable {
    package let directory: TemporaryDirectory
    package let socketPath: String
    package let port: UInt16?
    package let process: ChildProcess

    /// The setting `HOOKLINE_REDIS` for this server.
    package var url: String { "unix:\(socketPath)" }

    /// Starts redis-server and waits until it responds.
    ///
    /// - Parameter extraArguments: further configuration, as on its command line: `["--maxmemory", "1mb"]`.
    package init(
        directory: TemporaryDirectory? = nil, port: UInt16? = nil, extraArguments: [String] = []
    ) throws {
        let directory = try directory ?? TemporaryDirectory()
        self.directory = directory
        self.port = port
        socketPath = directory.file("redis.sock")
        process = try ChildProcess(
            [
                "redis-server", "--port", String(port ?? 0), "--bind", "127.0.0.1", "--unixsocket", socketPath,
                "--save", "", "--appendonly", "no", "--dir", directory.path, "--daemonize", "no",
                "--databases", "16",
            ] + extraArguments)
        let process = process
        try waitUntil("redis-server responds") {
            guard process.isRunning else {
                throw TestSupportError("redis-server ended: \(process.standardOutput.suffix(1000))")
            }
            // A server that requires a password is up, too.
            guard let reply = try? command("PING") else { return false }
            return reply.hasPrefix("+PONG") || reply.hasPrefix("-NOAUTH")
        }
    }

    /// Sends one command on a new connection and returns the raw reply.
    @discardableResult
    package func command(_ arguments: String...) throws -> String {
        let connection = try RedisTestConnection(socketPath: socketPath)
        return try connection.command(arguments)
    }
}

/// A minimal connection, with which tests access Redis without the code under test.
package final class RedisTestConnection {
    private let descriptor: Int32

    package init(socketPath: String) throws {
        descriptor = try connectUnixSocket(socketPath)
    }

    deinit {
        close(descriptor)
    }

    /// Sends a command and returns the raw reply (bulk strings and arrays with their headers).
    @discardableResult
    package func command(_ arguments: [String]) throws -> String {
        try command(arguments.map { Array($0.utf8) })
    }

    @discardableResult
    package func command(_ arguments: [[UInt8]]) throws -> String {
        var request = Array("*\(arguments.count)\r\n".utf8)
        for argument in arguments {
            request += Array("$\(argument.count)\r\n".utf8) + argument + [13, 10]
        }
        var sent = 0
        while sent < request.count {
            let count = request[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw TestSupportError("write to Redis failed: errno \(errno)") }
            sent += count
        }
        return String(decoding: try readReply(), as: UTF8.self)
    }

    private func readReply() throws -> [UInt8] {
        let line = try readLine()
        guard let kind = line.first else { throw TestSupportError("empty reply") }
        let number = Int(String(decoding: line.dropFirst().dropLast(2), as: UTF8.self)) ?? 0
        switch kind {
        case UInt8(ascii: "$") where number >= 0:
            return line + (try read(count: number + 2))
        case UInt8(ascii: "*"):
            return try (0..<max(0, number)).reduce(line) { reply, _ in reply + (try readReply()) }
        default:
            return line
        }
    }

    private func readLine() throws -> [UInt8] {
        var line: [UInt8] = []
        while line.suffix(2) != [13, 10] { line += try read(count: 1) }
        return line
    }

    private func read(count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let received = bytes[filled...].withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard received > 0 else { throw TestSupportError("Redis closed the connection") }
            filled += received
        }
        return bytes
    }
}

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

    /// The integer that a command returns.
    package func integer(_ arguments: String...) throws -> Int {
        let reply = try RedisTestConnection(socketPath: socketPath).command(arguments)
        guard let number = Int(reply.filter { $0 == "-" || $0.isNumber }) else {
            throw TestSupportError("not an integer: \(reply)")
        }
        return number
    }

    /// Appends values to a list, in this order.
    package func push(_ values: [String], to key: String) throws {
        try RedisTestConnection(socketPath: socketPath).command(["RPUSH", key] + values)
    }
}

extension Substring {
    /// Removes the first line; nil when there is none.
    fileprivate mutating func removeLine() -> Substring? {
        guard let end = utf8.firstIndex(of: 13) else { return nil }
        let line = self[..<end]
        self = self[utf8.index(end, offsetBy: 2)...]
        return line
    }
}
