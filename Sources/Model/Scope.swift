/// A permission of a role or an API token, with its name in the API.
///
/// The order of the first sixteen is the original's bit order of `sentry_apitoken.scopes` (docs/protocol.md 6.1).
package enum Scope: String, CaseIterable, Sendable {
    case projectRead = "project:read"
    case projectWrite = "project:write"
    case projectAdmin = "project:admin"
    case projectReleases = "project:releases"
    case teamRead = "team:read"
    case teamWrite = "team:write"
    case teamAdmin = "team:admin"
    case eventRead = "event:read"
    case eventWrite = "event:write"
    case eventAdmin = "event:admin"
    case orgRead = "org:read"
    case orgWrite = "org:write"
    case orgAdmin = "org:admin"
    case memberRead = "member:read"
    case memberWrite = "member:write"
    case memberAdmin = "member:admin"
    case orgIntegrations = "org:integrations"
    case orgCI = "org:ci"
    case alertsRead = "alerts:read"
    case alertsWrite = "alerts:write"
    /// Hookline's: the platform itself, which may enqueue events for all installations.
    case hooklineEnqueue = "hookline:enqueue"
    /// Hookline's: the operator, who may change everything in the directory by the management API.
    case hooklineAdmin = "hookline:admin"
}

/// A set of scopes as a bit mask.
package struct ScopeSet: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package init(_ scopes: some Sequence<Scope>) {
        self = scopes.reduce(into: ScopeSet()) { $0.formUnion(ScopeSet($1)) }
    }

    package init(_ scope: Scope) {
        rawValue = 1 << UInt32(Scope.allCases.firstIndex(of: scope) ?? 31)
    }

    package static let all = ScopeSet(Scope.allCases)

    /// The scopes in the order of `Scope.allCases`.
    package var scopes: [Scope] { Scope.allCases.filter { contains(ScopeSet($0)) } }
}
