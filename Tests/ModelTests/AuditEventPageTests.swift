import Foundation
import Model
import Testing

/// The table of audit events in docs/directory.md.
@Suite struct AuditEventPageTests {
    private static let root = #filePath.components(separatedBy: "/Tests/")[0]

    /// The numbers and names of a row, which has one or more of each.
    private static func events(_ row: Substring) -> [(code: Int, name: String)] {
        let cells = row.split(separator: "|").map { $0.split(separator: ",").map { $0.filter { !" `".contains($0) } } }
        guard cells.count == 3 else { return [] }
        return zip(cells[0], cells[1]).compactMap { code, name in Int(code).map { ($0, name) } }
    }

    @Test func eachEventIsThere() throws {
        let page = try String(contentsOfFile: Self.root + "/docs/directory.md", encoding: .utf8)
        let section = try #require(page.components(separatedBy: "\n## Audit events\n").last)
        let table = section.components(separatedBy: "\n## ")[0].split(separator: "\n").filter { $0.hasPrefix("| 1") }

        let documented = table.flatMap(Self.events)

        #expect(documented.map(\.code) == AuditEntry.events.map(\.code).sorted())
        for event in AuditEntry.events {
            #expect(documented.contains { $0 == event }, "\(event)")
        }
        #expect(Set(AuditEntry.events.map(\.code)).count == AuditEntry.events.count)
    }
}
