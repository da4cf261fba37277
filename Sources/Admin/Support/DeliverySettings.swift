import Buffer
import Delivery
import Foundation
import Model

/// The settings of responder and worker that commands need, read from the environment under the same names and with the
/// same defaults, so that a command acts on what the programs use.
struct DeliverySettings {
    private let environment: [String: String]

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
    }

    /// A queue of this deployment.
    func queue(_ name: QueueName) throws(CommandFailure) -> DeliveryQueueSettings {
        guard name == .events else { return .mail }
        return DeliveryQueueSettings(
            name: name.rawValue, shardCount: try number("HOOKLINE_QUEUE_SHARDS", default: 1, in: 1...256),
            maximumDepth: try number("HOOKLINE_QUEUE_MAX_DEPTH", default: 100_000, in: 1...10_000_000),
            maximumPayloadBytes: try maximumPayloadBytes(),
            idempotencyLifetimeSeconds: try number("HOOKLINE_IDEMPOTENCY_SECONDS", default: 86400, in: 1...2_592_000))
    }

    /// Bytes of an enqueue body.
    func maximumEventBytes() throws(CommandFailure) -> Int {
        try number("HOOKLINE_MAX_EVENT_BYTES", default: 262_144, in: 1024...786_432)
    }

    private func maximumPayloadBytes() throws(CommandFailure) -> Int {
        DeliveryQueueSettings.maximumPayloadBytes(forEventBytes: try maximumEventBytes())
    }

    /// How long payloads are kept; 0 = they are not.
    func payloadSeconds() throws(CommandFailure) -> Int {
        try number("HOOKLINE_PAYLOAD_SECONDS", default: 259_200, in: 0...2_592_000)
    }

    func archive() throws(CommandFailure) -> ArchiveLimits {
        let seconds = try payloadSeconds()
        guard seconds > 0 else {
            throw CommandFailure(
                .configuration, "HOOKLINE_PAYLOAD_SECONDS is 0: payloads are not kept, so nothing can be sent again")
        }
        return ArchiveLimits(
            lifetimeSeconds: seconds, maximumPayloadBytes: try maximumPayloadBytes())
    }

    /// When an integration counts as broken, and whose outcomes are counted (`internal`, `all`, `none`).
    func brokenRule() throws(CommandFailure) -> (rule: BrokenRule, apps: String) {
        let apps = text("HOOKLINE_BROKEN_APPS") ?? "internal"
        guard ["internal", "all", "none"].contains(apps) else {
            throw CommandFailure(.configuration, "HOOKLINE_BROKEN_APPS: \"\(apps)\" is not internal, all or none")
        }
        let rule = BrokenRule(
            timeoutThreshold: try number("HOOKLINE_BROKEN_TIMEOUTS", default: 1000, in: 1...1_000_000_000),
            dayCount: try number("HOOKLINE_BROKEN_DAYS", default: 7, in: 1...30))
        return (rule, apps)
    }

    /// How the worker connects.
    func sender() throws(CommandFailure) -> SenderSettings {
        var settings = SenderSettings()
        settings.timeout = try milliseconds("HOOKLINE_WEBHOOK_TIMEOUT_MS", default: 5000)
        settings.extraAuthorities = text("HOOKLINE_CA_FILE")
        let proxy = try Setting(
            option: nil, secretVariable: "HOOKLINE_PROXY", optionName: "", environment: environment)
        settings.proxy = proxy.text.map { Secret($0) }
        do throws(CIDRError) {
            settings.addresses = try AddressPolicy(parsing: text("HOOKLINE_ALLOWED_NETWORKS") ?? "")
        } catch {
            throw CommandFailure(.configuration, "HOOKLINE_ALLOWED_NETWORKS: \(error)")
        }
        return settings
    }

    /// How the worker makes webhooks of events.
    func plan(events: EventCatalogue) throws(CommandFailure) -> PlanSettings {
        let least = try milliseconds("HOOKLINE_WEBHOOK_MIN_TIMEOUT_MS", default: 500)
        let most = try milliseconds("HOOKLINE_WEBHOOK_MAX_TIMEOUT_MS", default: 30000)
        guard least <= most else {
            throw CommandFailure(
                .configuration, "HOOKLINE_WEBHOOK_MIN_TIMEOUT_MS is greater than HOOKLINE_WEBHOOK_MAX_TIMEOUT_MS")
        }
        return PlanSettings(
            events: events, timeout: try milliseconds("HOOKLINE_WEBHOOK_TIMEOUT_MS", default: 5000),
            timeoutRange: least...most)
    }

    private func milliseconds(_ variable: String, default: Int) throws(CommandFailure) -> Duration {
        .milliseconds(try number(variable, default: `default`, in: 1...300_000))
    }

    private func number(
        _ variable: String, default: Int, in range: ClosedRange<Int>
    ) throws(CommandFailure) -> Int {
        guard let text = text(variable) else { return `default` }
        guard let number = Int(text), range.contains(number) else {
            throw CommandFailure(
                .configuration,
                "\(variable): \"\(text)\" is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func text(_ variable: String) -> String? {
        environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }
}
