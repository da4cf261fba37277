import Foundation

/// A proxy in front of a Redis that counts what each script does, by adding the counting to its source.
///
/// Redis never gets to know the original source, so that every call comes with it.
package final class ScriptMeter: @unchecked Sendable {
    /// What one run of a script did.
    package struct Run: Hashable, Sendable {
        /// Commands, and the elements of their replies.
        package var elements: Int
        /// Strings in the replies of its commands.
        package var bytes: Int
        /// The largest reply.
        package var largest: Int
    }

    private static let key = "script-meter"

    package let socketPath: String
    private let server: RedisServer
    private let directory: TemporaryDirectory
    private let listener: Int32
    private let lock = NSLock()
    private var descriptors: [Int32] = []

    /// The setting `HOOKLINE_REDIS` for the proxy.
    package var url: String { "unix:\(socketPath)" }

    package init(_ server: RedisServer) throws {
        self.server = server
        directory = try TemporaryDirectory()
        socketPath = directory.file("meter.sock")
        listener = try listenOnUnixSocket(socketPath)
        let (listener, backend) = (listener, server.socketPath)
        Thread { [weak self] in
            defer { close(listener) }
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                guard let upstream = try? connectUnixSocket(backend), let self else {
                    close(client)
                    return
                }
                self.lock.withLock { self.descriptors += [client, upstream] }
                Thread { ScriptMeter.forwardRequests(from: client, to: upstream) }.start()
                Thread { ScriptMeter.forwardReplies(from: upstream, to: client) }.start()
            }
        }.start()
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        // The threads end with the connections; the descriptors are left open so that none is used twice.
        for descriptor in descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    /// The runs since the last call.
    package func runs() throws -> [Run] {
        let values = try server.list(Self.key)
        try server.command("DEL", Self.key)
        return values.map { value in
            let numbers = value.split(separator: " ").compactMap { Int($0) }
            return Run(elements: numbers[0], bytes: numbers[1], largest: numbers[2])
        }
    }

    private static func counting(_ source: String) -> String {
        """
        local real, elements, bytes, largest = redis, 0, 0, 0
        local function size(value)
            if type(value) == 'string' then return #value end
            local sum = 0
            if type(value) == 'table' then for _, item in ipairs(value) do sum = sum + size(item) end end
            return sum
        end
        local function count(reply)
            elements = elements + (type(reply) == 'table' and math.max(1, #reply) or 1)
            bytes = bytes + size(reply)
            largest = math.max(largest, size(reply))
            return reply
        end
        local redis = {
            call = function(...) return count(real.call(...)) end,
            pcall = function(...) return count(real.pcall(...)) end
        }
        local function body()
        \(source)
        end
        local result = body()
        real.call('RPUSH', '\(key)', elements .. ' ' .. bytes .. ' ' .. largest)
        return result
        """
    }

    private static func forwardReplies(from upstream: Int32, to client: Int32) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(upstream, &buffer, buffer.count, 0)
            guard count > 0, sendAll(buffer[..<count], to: client) else {
                shutdown(client, Int32(SHUT_RDWR))
                return
            }
        }
    }

    private static func forwardRequests(from client: Int32, to upstream: Int32) {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else {
                shutdown(upstream, Int32(SHUT_RDWR))
                return
            }
            received += buffer[..<count]
            var request: [UInt8] = []
            var position = 0
            while case (var arguments, let end)? = command(in: received, at: position) {
                if arguments[0] == Array("EVAL".utf8) {
                    arguments[1] = Array(counting(String(decoding: arguments[1], as: UTF8.self)).utf8)
                }
                request += Array("*\(arguments.count)\r\n".utf8)
                for argument in arguments { request += Array("$\(argument.count)\r\n".utf8) + argument + [13, 10] }
                position = end
            }
            received.removeFirst(position)
            guard request.isEmpty || sendAll(request[...], to: upstream) else { return }
        }
    }

    /// The complete command that begins at `start`, and where it ends.
    private static func command(in bytes: [UInt8], at start: Int) -> ([[UInt8]], end: Int)? {
        var position = start
        func line() -> Int? {
            guard let end = bytes[position...].firstIndex(of: 13), end + 1 < bytes.count else { return nil }
            defer { position = end + 2 }
            return Int(String(decoding: bytes[(position + 1)..<end], as: UTF8.self))
        }
        guard position < bytes.count, let count = line() else { return nil }
        var arguments: [[UInt8]] = []
        for _ in 0..<count {
            guard position < bytes.count, let length = line(), position + length + 2 <= bytes.count else { return nil }
            arguments.append(Array(bytes[position..<position + length]))
            position += length + 2
        }
        return (arguments, position)
    }
}

/// Listens on a unix socket.
private func listenOnUnixSocket(_ path: String) throws -> Int32 {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let isBound = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
        }
    }
    guard isBound, listen(listener, 16) == 0 else { throw TestSupportError("listen failed: errno \(errno)") }
    return listener
}

private func sendAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { buffer in
        var sent = 0
        while sent < buffer.count {
            let count = send(descriptor, buffer.baseAddress! + sent, buffer.count - sent, Int32(MSG_NOSIGNAL))
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
