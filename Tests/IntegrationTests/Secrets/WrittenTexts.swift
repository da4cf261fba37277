import Foundation
import TestSupport

/// What a run has written, by place, to be searched for secrets.
struct WrittenTexts {
    private var texts: [String: Data] = [:]

    /// The places so far.
    var places: Set<String> { Set(texts.keys) }

    /// Adds a text from a place such as `GET /-/status`; several of one place are searched together.
    mutating func add(_ text: some Sequence<UInt8>, from place: String) {
        texts[place, default: Data()].append(contentsOf: Array(text) + [0x0A])
    }

    mutating func add(_ text: String, from place: String) {
        add(text.utf8, from: place)
    }

    /// Adds each file in a folder and those in it, but those with one of these names.
    mutating func add(folder: String, as name: String, except given: Set<String>) throws {
        let files = FileManager.default.enumerator(atPath: folder)
        while let path = files?.nextObject() as? String {
            let file = folder + "/" + path
            guard !given.contains(path), !given.contains((path as NSString).lastPathComponent) else { continue }
            guard files?.fileAttributes?[.type] as? FileAttributeType == .typeRegular else { continue }
            add(try Data(contentsOf: URL(fileURLWithPath: file)), from: "\(name)/\(path)")
        }
    }

    /// Adds all that Redis has, decoded, key by key.
    ///
    /// - Parameter place: one for all keys.
    mutating func add(_ redis: RedisServer, from place: String) throws {
        let connection = try RedisTestConnection(socketPath: redis.socketPath)
        let reply = try connection.command(["KEYS", "*"])
        for key in reply.components(separatedBy: "\r\n").filter({ !$0.isEmpty && !"*$".contains($0.prefix(1)) }) {
            let type = try connection.command(["TYPE", key]).trimmingCharacters(in: CharacterSet(charactersIn: "+\r\n"))
            let command: [String] =
                switch type {
                case "string": ["GET", key]
                case "list": ["LRANGE", key, "0", "-1"]
                case "hash": ["HGETALL", key]
                case "set": ["SMEMBERS", key]
                case "zset": ["ZRANGE", key, "0", "-1", "WITHSCORES"]
                case "stream": ["XRANGE", key, "-", "+"]
                default: throw TestSupportError("unknown type \(type) of \(key)")
                }
            add(key + "\n" + (try connection.command(command)), from: place)
        }
    }

    /// The secrets that are in each place, by name; places without any are left out.
    ///
    /// - Parameter secrets: the texts by their names. Each is also found in Base64, alone or at the start of a text.
    func exposures(of secrets: [String: String]) -> [String: Set<String>] {
        let forms = secrets.mapValues { secret in
            let bytes = Data(secret.utf8)
            // What follows changes the last group, unless the groups before are whole.
            let base64 = bytes.prefix(bytes.count / 3 * 3).base64EncodedString()
            return [bytes, Data(base64.utf8)]
        }
        return texts.compactMapValues { text in
            let names = forms.filter { $0.value.contains { text.range(of: $0) != nil } }.keys
            return names.isEmpty ? nil : Set(names)
        }
    }
}
