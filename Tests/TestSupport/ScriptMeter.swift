import Foundation

/// A proxy in front of a Redis that counts what each script does, by adding the counting to its source.
///
/// Redis never gets to know the original source, so that every call comes with it.
package final class ScriptMeter {
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

    private let server: RedisServer
    private let proxy: RedisProxy

    /// The setting `HOOKLINE_REDIS` for the proxy.
    package var url: String { proxy.url }

    package init(_ server: RedisServer) throws {
        self.server = server
        proxy = try RedisProxy(server, rewrite: Self.requests)
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

    /// The complete requests with the counting in their scripts.
    @Sendable private static func requests(in received: inout [UInt8]) -> [UInt8] {
        var requests: [UInt8] = []
        var position = 0
        while case (var arguments, let end)? = command(in: received, at: position) {
            if arguments[0] == Array("EVAL".utf8) {
                arguments[1] = Array(counting(String(decoding: arguments[1], as: UTF8.self)).utf8)
            }
            requests += Array("*\(arguments.count)\r\n".utf8)
            for argument in arguments { requests += Array("$\(argument.count)\r\n".utf8) + argument + [13, 10] }
            position = end
        }
        received.removeFirst(position)
        return requests
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
