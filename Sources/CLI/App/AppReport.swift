import Directory
import Model
import WebhookRules
import WireJSON

/// An app in the form that `hookline app` prints, without secrets: of headers the names only, of previous secrets the
/// ends only.
struct AppReport {
    private let app: SentryApp
    private let owner: Organization?
    private let deploymentPolicy: DeliveryPolicy.Name?
    private let previousSecrets: [SentryApp.PreviousSecret]
    private let publicKeys: [String]
    private let deliveries: Deliveries

    /// What is known of the last 24 hours.
    enum Deliveries {
        /// Not asked for: not shown.
        case omitted
        /// Redis could not be read.
        case unknown
        case known(AppDeliveries)
    }

    /// - Parameter deploymentPolicy: that of apps without one of their own; nil when it is not known.
    init(
        _ app: SentryApp, owner: Organization?, deploymentPolicy: DeliveryPolicy.Name?,
        deliveries: Deliveries = .omitted, now: Timestamp = .now()
    ) {
        self.deliveries = deliveries
        self.app = app
        self.owner = owner
        self.deploymentPolicy = deploymentPolicy
        publicKeys = app.publicKeys(at: now)
        previousSecrets = app.previousSecrets.filter { $0.isValid(at: now) }
    }

    var lines: String {
        var table = TextTable(header: ["slug:", app.slug])
        table.append(["name:", app.name])
        table.append(["id:", String(app.id)])
        table.append(["uuid:", app.uuid])
        table.append(["client id:", app.clientID.isEmpty ? "-" : app.clientID])
        table.append(["status:", app.status.name])
        table.append(["organization:", owner?.slug ?? "-"])
        table.append(["webhook URL:", app.webhookURL ?? "-"])
        table.append(["events:", Self.words(app.events)])
        table.append(["scopes:", Self.words(app.scopes.scopes.map(\.rawValue))])
        table.append(["alertable:", app.isAlertable ? "yes" : "no"])
        table.append(["verify install:", app.verifyInstall ? "yes" : "no"])
        table.append(["delivery policy:", policy])
        table.append(["custom headers:", Self.words(app.customHeaders.map(\.name))])
        if let problem = app.headerProblem { table.append(["unreadable headers:", "the app \(problem)"]) }
        if let problem = app.secretProblem { table.append(["damaged secrets:", "the app \(problem)"]) }
        table.append(["custom timeout:", app.webhookTimeoutMilliseconds.map { "\($0) ms" } ?? "-"])
        for key in publicKeys { table.append(["public key:", key]) }
        for previous in previousSecrets {
            table.append([
                previous.isPrivateKey ? "previous key until:" : "previous secret until:",
                previous.validUntil.truncatedToSeconds.iso8601Description,
            ])
        }
        if app.isDisabledByPlatform {
            table.append(["disabled by the platform:", "yes; counts with HOOKLINE_DISABLED_ENFORCEMENT=on"])
        }
        if let disablement = app.disablement {
            table.append(["disabled since:", disablement.date.truncatedToSeconds.iso8601Description])
            table.append(["disabled reason:", disablement.reason])
            table.append(["events before:", Self.words(disablement.events)])
        }
        switch deliveries {
        case .omitted: break
        case .unknown: table.append(["last 24 hours:", "unknown: Redis cannot be read"])
        case .known(let deliveries): table.append(["last 24 hours:", deliveries.text])
        }
        return table.text
    }

    /// The policy that applies, and where it comes from.
    private var policy: String {
        if let own = app.deliveryPolicy { return "\(own.rawValue) (the app's own)" }
        return deploymentPolicy.map { "\($0.rawValue) (HOOKLINE_POLICY)" } ?? "that of HOOKLINE_POLICY"
    }

    var json: JSONValue {
        let last: [JSONValue.Member] =
            switch deliveries {
            case .omitted: []
            case .unknown: [.init(name: "last_24_hours", value: .null)]
            case .known(let deliveries): [.init(name: "last_24_hours", value: deliveries.json)]
            }
        return .object(members + last)
    }

    private var members: [JSONValue.Member] {
        [
            .init(name: "id", value: .integer(app.id)),
            .init(name: "slug", value: .string(app.slug)),
            .init(name: "name", value: .string(app.name)),
            .init(name: "uuid", value: .string(app.uuid)),
            .init(name: "client_id", value: .string(app.clientID)),
            .init(name: "status", value: .string(app.status.name)),
            .init(name: "organization", value: owner.map { .string($0.slug) } ?? .null),
            .init(name: "webhook_url", value: app.webhookURL.map(JSONValue.string) ?? .null),
            .init(name: "events", value: .array(app.events.map(JSONValue.string))),
            .init(name: "scopes", value: .array(app.scopes.scopes.map { .string($0.rawValue) })),
            .init(name: "is_alertable", value: .bool(app.isAlertable)),
            .init(name: "verify_install", value: .bool(app.verifyInstall)),
            .init(name: "delivery_policy", value: app.deliveryPolicy.map { .string($0.rawValue) } ?? .null),
            .init(
                name: "effective_policy",
                value: (app.deliveryPolicy ?? deploymentPolicy).map { .string($0.rawValue) } ?? .null),
            .init(name: "webhook_header_names", value: .array(app.customHeaders.map { .string($0.name) })),
            .init(
                name: "webhook_timeout_ms", value: app.webhookTimeoutMilliseconds.map(JSONValue.integer) ?? .null),
            .init(
                name: "previous_secrets_valid_until",
                value: .array(previousSecrets.map { .string($0.validUntil.iso8601Description) })),
            .init(name: "damaged_secrets", value: .array(app.damagedSecrets.map { .string($0.description) })),
            .init(name: "public_keys", value: .array(publicKeys.map(JSONValue.string))),
            .init(name: "disabled_by_platform", value: .bool(app.isDisabledByPlatform)),
            .init(name: "disabled", value: app.disablement.map(Self.json) ?? .null),
        ]
    }

    private static func json(_ disablement: SentryApp.Disablement) -> JSONValue {
        .object([
            .init(name: "date", value: .string(disablement.date.iso8601Description)),
            .init(name: "reason", value: .string(disablement.reason)),
            .init(name: "events", value: .array(disablement.events.map(JSONValue.string))),
        ])
    }

    private static func words(_ words: [String]) -> String {
        words.isEmpty ? "-" : words.joined(separator: ", ")
    }
}
