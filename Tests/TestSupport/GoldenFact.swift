import Foundation
package import Model

/// One fact about the releases of the original (docs/protocol.md), as requests and the responses of each release.
/// Written by hand from the protocol, not recorded.
package struct GoldenFact: Sendable, CustomStringConvertible {
    /// The file's name without `.json`: the number of the fact in docs/protocol.md 11.1, and what it is about.
    package let name: String
    package let content: GoldenValue

    /// The organizations, users, apps and so on of all facts.
    package static func directory() throws -> GoldenValue { try read("directory") }

    /// Every fact, in the order of names.
    package static func all() throws -> [GoldenFact] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .filter { $0.hasSuffix(".json") && $0 != "directory.json" }
            .map { file in
                let name = String(file.dropLast(".json".count))
                return GoldenFact(name: name, content: try read(name))
            }
    }

    package var description: String { "\(name): \(content["fact"].string ?? "")" }

    package var section: String? { content["section"].string }
    package var queries: [GoldenValue] { content["queries"].elements }

    /// The contents of Redis, as a golden case.
    package var scenario: Golden.Case { Golden.Case(file: name, name: name, kind: "fact", content: content) }

    /// Releases of the installations that exist, those with a difference, and those just before them.
    package func releases() throws -> [ProtocolRelease] {
        let firsts = try Self.firstReleases(of: queries)
        let installed = try ["23.7", "25.3", "25.12", "26.2", "26.8", "26.9"].map {
            try ProtocolRelease(parsing: $0)
        }
        return Set(installed + firsts + firsts.map(\.predecessor)).filter(ProtocolRelease.known.contains).sorted()
    }

    /// The releases from which on a query has another response.
    package static func firstReleases(of queries: [GoldenValue]) throws -> [ProtocolRelease] {
        try queries.flatMap { $0["expected"].elements }.compactMap { $0["from"].string }
            .map { try ProtocolRelease(parsing: $0) }
    }

    /// What a release responds to a query.
    package static func expectation(of query: GoldenValue, in release: ProtocolRelease) throws -> GoldenValue {
        let expectation = try query["expected"].elements.last { expectation in
            try ProtocolRelease(parsing: expectation["from"].string ?? "") <= release
        }
        guard let expectation else { throw TestSupportError("no expectation for \(release)") }
        return expectation
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden/releases")

    private static func read(_ name: String) throws -> GoldenValue {
        let path = folder.appendingPathComponent("\(name).json").path
        guard let data = FileManager.default.contents(atPath: path) else { throw TestSupportError("no file \(path)") }
        return try GoldenValue(parsing: Array(data))
    }
}

extension ProtocolRelease {
    /// The release of the month before.
    fileprivate var predecessor: ProtocolRelease {
        month == 1 ? ProtocolRelease(year - 1, 12) : ProtocolRelease(year, month - 1)
    }
}
