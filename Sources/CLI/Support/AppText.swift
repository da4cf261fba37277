import Model
import WireJSON

/// An app as `hookline app` shows it, without secrets: of headers the names only.
enum AppText {
    static func lines(_ app: SentryApp, owner: Organization?) -> String {
        var table = TextTable(header: ["slug:", app.slug])
        table.append(["name:", app.name])
        table.append(["id:", String(app.id)])
        table.append(["status:", app.status.name])
        table.append(["organization:", owner?.slug ?? "-"])
        table.append(["webhook URL:", app.webhookURL ?? "-"])
        table.append(["events:", words(app.events)])
        table.append(["own headers:", words(app.customHeaders.map(\.name))])
        table.append(["own time-out:", app.webhookTimeoutMilliseconds.map { "\($0) ms" } ?? "-"])
        if let disablement = app.disablement {
            table.append(["disabled since:", disablement.date.truncatedToSeconds.iso8601Description])
            table.append(["disabled why:", disablement.reason])
            table.append(["events before:", words(disablement.events)])
        }
        return table.text
    }

    static func json(_ app: SentryApp, owner: Organization?) -> JSONValue {
        .object([
            JSONValue.Member(name: "id", value: .integer(app.id)),
            JSONValue.Member(name: "slug", value: .string(app.slug)),
            JSONValue.Member(name: "name", value: .string(app.name)),
            JSONValue.Member(name: "status", value: .string(app.status.name)),
            JSONValue.Member(name: "organization", value: owner.map { .string($0.slug) } ?? .null),
            JSONValue.Member(name: "webhook_url", value: app.webhookURL.map(JSONValue.string) ?? .null),
            JSONValue.Member(name: "events", value: .array(app.events.map(JSONValue.string))),
            JSONValue.Member(
                name: "webhook_header_names", value: .array(app.customHeaders.map { .string($0.name) })),
            JSONValue.Member(
                name: "webhook_timeout_ms", value: app.webhookTimeoutMilliseconds.map(JSONValue.integer) ?? .null),
            JSONValue.Member(name: "disabled", value: app.disablement.map(json) ?? .null),
        ])
    }

    private static func json(_ disablement: SentryApp.Disablement) -> JSONValue {
        .object([
            JSONValue.Member(name: "date", value: .string(disablement.date.iso8601Description)),
            JSONValue.Member(name: "reason", value: .string(disablement.reason)),
            JSONValue.Member(name: "events", value: .array(disablement.events.map(JSONValue.string))),
        ])
    }

    private static func words(_ words: [String]) -> String {
        words.isEmpty ? "-" : words.joined(separator: ", ")
    }
}
