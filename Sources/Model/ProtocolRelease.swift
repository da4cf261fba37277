/// A release of the original, by whose rules requests are answered: `YY.M`, such as `23.7` or `26.9`.
package struct ProtocolRelease: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The year without its century.
    package let year: Int
    /// 1 to 12.
    package let month: Int

    /// The first and the last release whose rules are known (docs/protocol.md).
    package static let known = ProtocolRelease(23, 7)...ProtocolRelease(26, 9)

    /// What is followed unless the settings name another one.
    package static let `default` = known.lowerBound

    /// Why a text is not a known release.
    package struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String

        init(_ description: String) {
            self.description = description
        }
    }

    /// A release of the tables in the source; texts are parsed.
    package init(_ year: Int, _ month: Int) {
        self.year = year
        self.month = month
    }

    /// Parses `YY.M`, the month without a leading zero, as the original numbers its releases.
    ///
    /// - Throws: when it is no release, or none from 23.7 to 26.9.
    package init(parsing text: String) throws(ParseError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 2, let year = Self.number(parts[0]),
            let month = Self.number(parts[1]), (1...12).contains(month), parts[1].utf8.first != UInt8(ascii: "0")
        else {
            throw ParseError("\"\(text)\" is not a release: write year and month as in 23.7 or 25.12, without a patch")
        }
        self.init(year, month)
        guard Self.known.contains(self) else {
            throw ParseError(
                "release \(self) is not known: use one from \(Self.known.lowerBound) to "
                    + "\(Self.known.upperBound), or auto; for a newer original, \(Self.known.upperBound)")
        }
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }

    package static func < (left: ProtocolRelease, right: ProtocolRelease) -> Bool {
        (left.year, left.month) < (right.year, right.month)
    }

    package var description: String { "\(year).\(month)" }

    /// Whether this release has the change: it is the first one with it, or a later one.
    ///
    /// Where a release need not be known exactly, ask `ProtocolRules.includes`.
    package func includes(_ change: ProtocolChange) -> Bool { self >= change.row.first }
}
