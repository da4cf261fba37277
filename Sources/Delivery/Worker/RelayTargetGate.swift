import Queue
import Redis

/// What a thread of the worker knows of disabled targets: before each relayed webhook it is asked whether its target is
/// one of them.
///
/// Where Redis does not respond, what was known last counts: what is sent to a disabled target meanwhile does no harm.
struct RelayTargetGate {
    /// Limit of apps whose state is known; beyond it all of it is forgotten.
    private static let limit = 10_000

    private let states: any RelayTargetKeeping
    private var known: [Int64: Set<String>] = [:]

    init(states: any RelayTargetKeeping) {
        self.states = states
    }

    /// Whether the destination is a target that is disabled.
    mutating func isDisabled(_ destination: WebhookDestination) -> Bool {
        guard let target = destination.target else { return false }
        if let disabled = try? states.recentlyDisabled(appID: destination.appID) {
            if known.count >= Self.limit { known = [:] }
            known[destination.appID] = disabled
        }
        return known[destination.appID]?.contains(target) ?? false
    }
}
