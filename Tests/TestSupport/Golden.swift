import Foundation

/// One golden file: responses of the original, release 23.7.1, to a generated scenario.
package struct Golden: Sendable, CustomStringConvertible {
    /// The file's name without `.json`.
    package let name: String
    /// The file's path.
    package let path: String
    /// Organizations, users, apps and so on: the directory document.
    package let directory: GoldenValue
    package let cases: [Case]

    /// One scenario: the contents of Redis and the original's responses.
    package struct Case: Sendable, CustomStringConvertible {
        package let file: String
        package let name: String
        /// `requests`, `interaction`, `webhook` or `integration_buffer`.
        package let kind: String
        package let content: GoldenValue

        package var queries: [GoldenValue] { content["queries"].elements }
        /// Keys and what they hold: `type`, then `values` and `ttl`, or `fields` and `expireat`.
        package var redis: [GoldenValue.Member] { content["redis"].members }
        package var writes: [GoldenValue] { content["writes"].elements }
        /// The time of asking, in Python's or in ISO form.
        package var now: String? { content["now"].string }
        package var description: String { "\(file) \(name)" }
    }

    package var description: String { name }

    /// Every golden file, in the order of names.
    package static func all() throws -> [Golden] {
        try ["101", "102", "103"].map { try Golden(name: $0) }
    }

    /// Every case of one kind in every file.
    package static func cases(ofKind kind: String) throws -> [Case] {
        try all().flatMap(\.cases).filter { $0.kind == kind }
    }

    package init(name: String) throws {
        self.name = name
        path =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Golden/\(name).json").path
        guard let data = FileManager.default.contents(atPath: path) else {
            throw TestSupportError("no golden file at \(path)")
        }
        let document = try GoldenValue(parsing: Array(data))
        directory = document["directory"]
        cases = document["cases"].elements.map {
            Case(file: name, name: $0["name"].string ?? "", kind: $0["kind"].string ?? "", content: $0)
        }
    }

    /// The app with this slug in the directory; null when there is none.
    package func app(slug: String) -> GoldenValue {
        directory["apps"].elements.first { $0["slug"].string == slug } ?? .null
    }
}

extension RedisServer {
    /// Empties the server and loads the keys of a golden case: lists, hashes, and their life times.
    package func load(_ redis: [GoldenValue.Member]) throws {
        let connection = try RedisTestConnection(socketPath: socketPath)
        try connection.command(["FLUSHALL"])
        for key in redis {
            if key.value["type"].string == "list" {
                try connection.command(["RPUSH", key.key] + key.value["values"].elements.compactMap(\.string))
            } else {
                let fields = key.value["fields"].members.flatMap { [$0.key, $0.value.string ?? ""] }
                try connection.command(["HSET", key.key] + fields)
            }
            if let ttl = key.value["ttl"].integer, ttl > 0 {
                try connection.command(["EXPIRE", key.key, String(ttl)])
            }
            if let moment = key.value["expireat"].integer, moment > 0 {
                try connection.command(["EXPIREAT", key.key, String(moment)])
            }
        }
    }
}
