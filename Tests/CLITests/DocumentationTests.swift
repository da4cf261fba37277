import Directory
import Foundation
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite struct DocumentationTests {
    private func text() throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try String(
            contentsOf: root.deletingLastPathComponent().appending(path: "docs/directory.md"), encoding: .utf8)
    }

    @Test func theDocumentedExampleCanBeImported() throws {
        let text = try text()
        let start = try #require(text.range(of: "```json\n"))
        let end = try #require(text.range(of: "```", range: start.upperBound..<text.endIndex))
        let someone = try Operator()

        let outcome = try someone.importDocument(String(text[start.upperBound..<end.lowerBound]))

        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(try someone.directory.app(slug: "release-radar") != nil)
    }

    @Test func everyFieldOfAnExportIsDocumented() throws {
        let text = try text()
        let someone = try Operator(redis: try RedisServer())
        try someone.hookline("demo", "seed")
        let export = try JSONValue(
            parsing: Array(someone.hookline("directory", "export").output.utf8),
            limits: .init(maximumByteCount: 1 << 24))

        guard case .object(let tables) = export else { throw TestSupportError("the export is no object") }
        for table in tables {
            #expect(text.contains("`\(table.name)`"), "\(table.name)")
            guard case .array(let rows) = table.value, case .object(let fields)? = rows.first else { continue }
            let section = try #require(text.components(separatedBy: "### \(table.name)\n").dropFirst().first)
            let own = try #require(section.components(separatedBy: "\n### ").first)
            for field in fields { #expect(own.contains("`\(field.name)`"), "\(table.name).\(field.name)") }
        }
    }
}
