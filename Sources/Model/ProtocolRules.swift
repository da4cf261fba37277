/// The rules that responses follow: those of one release of the original, or of several where it is not known which of
/// them it is.
package struct ProtocolRules: Hashable, Sendable, CustomStringConvertible {
    /// The releases that the original can have.
    package let releases: ClosedRange<ProtocolRelease>

    /// Those of the release that is followed unless the settings name another one.
    package static let `default` = ProtocolRules(.default)

    /// Nothing is known of the original.
    package static let ofAnyRelease = ProtocolRules(anyOf: ProtocolRelease.known)

    package init(_ release: ProtocolRelease) {
        releases = release...release
    }

    package init(anyOf releases: ClosedRange<ProtocolRelease>) {
        self.releases = releases
    }

    /// Whether the change holds: as in the oldest of the releases, but a change that takes rights away already when one
    /// of them has it.
    package func includes(_ change: ProtocolChange) -> Bool {
        let row = change.row
        return (row.isRestriction ? releases.upperBound : releases.lowerBound) >= row.first
    }

    /// The changes that some of the releases have and others have not, in the order of the table.
    package var ambiguousChanges: [ProtocolChange] {
        ProtocolChange.allCases.filter {
            releases.lowerBound < $0.row.first && $0.row.first <= releases.upperBound
        }
    }

    /// The events that can be stored in one of the releases: no list of the log is overlooked.
    package var events: EventCatalogue { .of(releases.upperBound) }

    /// `26.9`, or `26.5 to 26.6`.
    package var description: String {
        let (first, last) = (releases.lowerBound, releases.upperBound)
        return first == last ? first.description : "\(first) to \(last)"
    }
}

/// Which rules the settings ask for.
package enum ProtocolChoice: Hashable, Sendable, CustomStringConvertible {
    case release(ProtocolRelease)
    /// Those of the releases that the directory's tables fit.
    case auto

    /// Parses `auto` or a known release.
    package init(parsing text: String) throws(ProtocolRelease.ParseError) {
        self = text == "auto" ? .auto : .release(try ProtocolRelease(parsing: text))
    }

    /// As it is set: `26.9` or `auto`.
    package var description: String {
        switch self {
        case .release(let release): release.description
        case .auto: "auto"
        }
    }

    /// The rules to follow.
    ///
    /// - Parameter releases: those that the directory's tables fit; nil = it is not the original's, so that there is no
    ///   release to find out.
    package func rules(fitting releases: ClosedRange<ProtocolRelease>?) -> ProtocolRules {
        switch self {
        case .release(let release): ProtocolRules(release)
        case .auto: releases.map { ProtocolRules(anyOf: $0) } ?? .default
        }
    }
}

/// The settings of the protocol.
package struct ProtocolSettings: Hashable, Sendable {
    package var choice: ProtocolChoice
    /// Whether `requests/` is served also in releases without it.
    package var keepsRequestsRoute: Bool
    /// Whether the original's endpoints refuse disabled apps, in releases with that option.
    package var refusesDisabledApps: Bool

    package init(
        _ choice: ProtocolChoice = .release(.default), keepsRequestsRoute: Bool = false,
        refusesDisabledApps: Bool = false
    ) {
        self.choice = choice
        self.keepsRequestsRoute = keepsRequestsRoute
        self.refusesDisabledApps = refusesDisabledApps
    }
}
