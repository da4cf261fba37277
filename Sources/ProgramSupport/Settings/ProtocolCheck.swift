package import Model

/// What the operator should know of the release that is followed.
package struct ProtocolCheck {
    /// What contradicts the directory's tables; nil if nothing does.
    package let warning: String?
    /// Which rules are followed, and what depends on a release that `auto` does not know: a sentence, and further lines
    /// without a full stop. Nil where the settings name a release and the tables say nothing about it.
    package let result: String?

    /// - Parameter releases: those that the tables fit; nil = the directory is Hookline's own.
    package init(_ choice: ProtocolChoice, fitting releases: ClosedRange<ProtocolRelease>?) {
        switch choice {
        case .release(let release): (warning, result) = (Self.warning(release, releases), Self.fit(release, releases))
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

    private static func fit(_ release: ProtocolRelease, _ releases: ClosedRange<ProtocolRelease>?) -> String? {
        guard let releases, releases.contains(release) else { return nil }
        return "\(variable)=\(release) fits the tables of the directory, which are those of release "
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
        let (first, last) = (rules.releases.lowerBound, rules.releases.upperBound)
        if !restrictive.isEmpty { text += ".\n  Stricter, as in \(last): \(list(restrictive))" }
        if !open.isEmpty { text += ".\n  As in \(first), and different in a later one: \(list(open))" }
        if !changes.isEmpty { text += ".\n  Name the release to follow exactly its rules" }
        return text
    }

    private static func list(_ changes: [ProtocolChange]) -> String {
        changes.map(\.subject).joined(separator: ", ")
    }
}
