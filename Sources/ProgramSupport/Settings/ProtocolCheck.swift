package import Model

/// What the operator should know of the release that is followed.
package struct ProtocolCheck {
    /// What contradicts the directory's tables; nil if nothing does.
    package let warning: String?
    /// Which rules `auto` follows, and what depends on a release that it does not know; nil where the settings name the
    /// release.
    package let result: String?

    /// - Parameter releases: those that the tables fit; nil = the directory is Hookline's own.
    package init(_ choice: ProtocolChoice, fitting releases: ClosedRange<ProtocolRelease>?) {
        switch choice {
        case .release(let release): (warning, result) = (Self.warning(release, releases), nil)
        case .auto: (warning, result) = (nil, releases.map { Self.result(ProtocolRules(anyOf: $0)) } ?? Self.ownResult)
        }
    }

    private static var variable: String { Setting.protocolRelease.variable }

    private static func warning(_ release: ProtocolRelease, _ releases: ClosedRange<ProtocolRelease>?) -> String? {
        guard let releases, !releases.contains(release) else { return nil }
        let relation = release < releases.lowerBound ? "older" : "newer"
        return "\(variable)=\(release) is \(relation) than the tables of the directory, which are those of release "
            + "\(ProtocolRules(anyOf: releases))"
    }

    private static var ownResult: String {
        "\(variable)=auto follows release \(ProtocolRelease.default): the directory is Hookline's own"
    }

    private static func result(_ rules: ProtocolRules) -> String {
        let changes = rules.ambiguousChanges
        let (open, restrictive) = (changes.filter { !$0.row.isRestriction }, changes.filter(\.row.isRestriction))
        var text =
            "\(variable)=auto follows release \(rules.releases.lowerBound): the tables of the directory are "
            + "those of release \(rules)"
        if !restrictive.isEmpty {
            text += "; as in \(rules.releases.upperBound): \(list(restrictive))"
        }
        if !open.isEmpty { text += "; as in \(rules.releases.lowerBound), and other later: \(list(open))" }
        return text
    }

    private static func list(_ changes: [ProtocolChange]) -> String {
        changes.map { "\($0.subject) (docs/protocol.md \($0.row.section))" }.joined(separator: ", ")
    }
}
