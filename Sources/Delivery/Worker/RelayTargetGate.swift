import Queue
import Redis
import System

/// What a thread of the worker knows of disabled targets: before each relayed webhook it is asked whether its target is
/// one of them.
///
/// The targets of an app are read again after a second. Where Redis does not respond, what was known last counts: what
/// is sent to a disabled target meanwhile does no harm.
struct RelayTargetGate {
    private struct Known {
        var disabled: Set<String>
        var end: MonotonicTime
    }

    /// How long a state is used.
    private static let lifetime = Duration.seconds(1)
    /// Limit of apps whose state is known; beyond it all of it is forgotten.
    private static let limit = 10_000

    private let states: any RelayTargetKeeping
    private var known: [Int64: Known] = [:]

    init(states: any RelayTargetKeeping) {
        self.states = states
    }

    /// Whether the destination is a target that is disabled.
    mutating func isDisabled(_ destination: WebhookDestination, at moment: MonotonicTime = .now()) -> Bool {
        guard let target = destination.target else { return false }
        if let found = known[destination.appID], found.end > moment { return found.disabled.contains(target) }
        if known.count >= Self.limit { known = [:] }
        let disabled =
            (try? states.disabled(appID: destination.appID)).map { Set($0.keys) }
            ?? known[destination.appID]?.disabled ?? []
        known[destination.appID] = Known(disabled: disabled, end: moment.adding(Self.lifetime))
        return disabled.contains(target)
    }
}
