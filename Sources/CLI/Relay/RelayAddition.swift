import Model
import WebhookRules
import WireJSON

/// What `hookline relay add` says at its end.
struct RelayAddition {
    let app: SentryApp
    let target: RelayTarget
    let isNewApp: Bool
    var owners: [User] = []
    /// The address of Hookline's site; nil when it is not known.
    let site: String?

    var lines: String {
        var fields = TextTable(header: ["target:", target.name])
        fields.append(["delivered to:", target.url])
        fields.append(["webhook URL in Sentry:", site.map { $0 + app.relayPath } ?? "\(app.relayPath) on this site"])
        let steps = """
            Enter the webhook URL in the integration's settings in Sentry, and let something happen there. 'hookline \
            relay list \(app.slug)' says when the relay last received a webhook, 'hookline log show \(app.slug)' what \
            became of it.

            """
        return fields.text + "\n" + steps + (isNewApp ? readers : "")
    }

    private var readers: String {
        let also = owners.isEmpty ? "" : " So can \(owners.map(\.username).joined(separator: ", "))."
        let how = owners.isEmpty ? " 'hookline member add' makes others owners of the organization." : ""
        return "A superuser can open the app's page.\(also)\(how)\n"
    }

    var json: JSONValue {
        .object([
            .init(name: "app", value: .string(app.slug)),
            .init(name: "app_id", value: .integer(app.id)),
            .init(name: "is_new_app", value: .bool(isNewApp)),
            .init(name: "target", value: .string(target.name)),
            .init(name: "url", value: .string(target.url)),
            .init(name: "webhook_path", value: .string(app.relayPath)),
            .init(name: "webhook_url", value: site.map { .string($0 + app.relayPath) } ?? .null),
            .init(name: "owners", value: .array(owners.map { .string($0.username) })),
        ])
    }
}
