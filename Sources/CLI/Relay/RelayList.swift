import ArgumentParser
import Directory
import Model
import Queue
import Redis
import WebhookRules

/// `hookline relay list`
struct RelayList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the targets of an app's relay, or of all, and their state.",
        discussion: """
            The state is unknown where Redis cannot be read. Of headers only the names are shown.

            Examples:
              hookline relay list
              hookline relay list ci --json | jq -r 'select(.state == "disabled").disabled_reason'
            """)

    @Argument(help: ArgumentHelp("The app's slug. (default: all apps with targets)", valueName: "app"))
    var app: String?

    @OptionGroup var output: ListOutput
    @OptionGroup var options: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    func run() throws {
        let apps = try apps()
        StandardStreams.warnOfDamage(apps)
        var source = try RelayStateSource(options, redisOptions)
        var reports: [RelayTargetReport] = []
        for app in apps where app.relayTargets != nil {
            guard let targets = RelayTargets(of: app) else {
                StandardStreams.error.write(
                    "hookline: warning: the targets of \(app.slug) in the directory cannot be read\n")
                continue
            }
            reports += source.reports(of: app, targets, at: .now())
        }
        if let problem = source.problem {
            StandardStreams.error.write("hookline: warning: the state of targets is not known: \(problem)\n")
        }
        try output.write(
            reports, json: \.json,
            header: ["APP", "TARGET", "STATE", "BREAKER", "LAST RECEIVED", "URL", "FILTERS"], row: \.cells)
    }

    private func apps() throws(CommandFailure) -> [SentryApp] {
        if let app { return [try options.app(slug: app)] }
        let directory = try options.reader()
        return try reportingDirectoryErrors(try directory.apps()).map(\.app)
    }
}

/// Reads the state of targets. A Redis that fails is not asked again.
struct RelayStateSource {
    private let connection: RedisConnection
    private let states: RelayTargetStates
    private let policies: DeliveryPolicies
    private let rules: ProtocolRules
    private let breakers: CircuitBreakers?
    /// Why the state is not known; nil where it is.
    private(set) var problem: RedisError?

    init(_ options: DirectoryOptions, _ redisOptions: RedisOptions) throws(CommandFailure) {
        connection = try redisOptions.connection()
        states = RelayTargetStates(connection: connection)
        let settings = CommandDeliverySettings()
        policies = try settings.deliveryPolicies()
        rules = try options.rules()
        breakers = try settings.breakers(sharing: connection)
    }

    /// The targets of an app with their state.
    mutating func reports(of app: SentryApp, _ targets: RelayTargets, at now: Timestamp) -> [RelayTargetReport] {
        let state = state(of: app, targets, at: now)
        return targets.list.enumerated().map { index, target in
            RelayTargetReport(
                app: app, target: target, disabling: state?.disabled[target.name], breaker: state?.breakers?[index],
                lastReceived: state?.lastReceived, isKnown: state != nil)
        }
    }

    private struct State {
        var disabled: [String: TargetDisabling]
        var lastReceived: Timestamp?
        /// Nil where the policy has none.
        var breakers: [CircuitState]?
    }

    private mutating func state(of app: SentryApp, _ targets: RelayTargets, at now: Timestamp) -> State? {
        guard problem == nil else { return nil }
        do throws(RedisError) {
            var state = State(
                disabled: try states.disabled(appID: app.id), lastReceived: try states.lastReceived(appID: app.id))
            if let breakers, policies.policyOfRelay(of: app).under(rules).breaker != nil {
                let names = targets.list.map { CircuitName.target(WebhookDestination(appID: app.id, target: $0.name)) }
                state.breakers = try breakers.states(of: names, at: now)
            }
            return state
        } catch {
            problem = error
            return nil
        }
    }
}
