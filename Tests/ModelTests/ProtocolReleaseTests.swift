import Foundation
import Model
import Testing

/// Releases of the original, and what came with which.
@Suite struct ProtocolReleaseTests {
    @Test(arguments: ["23.7", "23.12", "24.1", "25.10", "26.9"])
    func aKnownReleaseIsParsed(_ text: String) throws {
        #expect(try ProtocolRelease(parsing: text).description == text)
    }

    @Test(arguments: [
        "", "23", "23.", ".7", "23.7.1", "23.07", "23.0", "23.13", "2023.7", "v23.7", "23,7", "23.7 ", "auto", "+23.7",
        "２３.7", "23.-7",
    ])
    func anythingElseIsNoRelease(_ text: String) {
        let error = #expect(throws: ProtocolRelease.ParseError.self) { try ProtocolRelease(parsing: text) }

        #expect(error?.description.contains("is not a release: write year and month as in 23.7") == true)
    }

    @Test(arguments: ["23.6", "22.12", "26.10", "27.1", "99.12"])
    func anUnknownReleaseIsNamedWithTheKnownOnes(_ text: String) {
        let error = #expect(throws: ProtocolRelease.ParseError.self) { try ProtocolRelease(parsing: text) }

        #expect(
            error?.description
                == "release \(text) is not known: use one from 23.7 to 26.9, or auto; for a newer original, 26.9")
    }

    @Test func releasesAreOrderedByYearAndMonth() throws {
        let ordered = try ["23.7", "23.9", "23.10", "24.1", "24.12", "25.1", "26.9"].map {
            try ProtocolRelease(parsing: $0)
        }

        #expect(ordered.shuffled().sorted() == ordered)
        #expect(ProtocolRelease.known == ordered[0]...ordered[6])
        #expect(ProtocolRelease.default == ordered[0])
    }

    @Test(arguments: ProtocolChange.allCases)
    func aChangeHoldsFromItsReleaseOn(_ change: ProtocolChange) throws {
        let first = change.row.first

        #expect(first > ProtocolRelease.known.lowerBound && first <= ProtocolRelease.known.upperBound)
        #expect(first.includes(change) && ProtocolRelease.known.upperBound.includes(change))
        #expect(!ProtocolRelease.known.lowerBound.includes(change))
        let before = first.month == 1 ? "\(first.year - 1).12" : "\(first.year).\(first.month - 1)"
        #expect(try !ProtocolRelease(parsing: before).includes(change))
    }

    @Test(arguments: ProtocolChange.allCases)
    func aChangeIsDescribedInItsSectionOfTheProtocol(_ change: ProtocolChange) throws {
        let page = try String(
            contentsOfFile: #filePath.replacing(
                "Tests/ModelTests/ProtocolReleaseTests.swift", with: "docs/protocol.md"),
            encoding: .utf8)
        let section = try #require(page.components(separatedBy: "\n### \(change.row.section) ").dropFirst().first)
            .components(separatedBy: "\n### ")[0]

        #expect(section.contains(change.row.first.description), "\(change)")
    }
}
