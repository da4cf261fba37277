import ArgumentParser
import Directory
import Model
import WireJSON

/// `hookline app …`
struct AppCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "app", abstract: "List and show apps, disable and enable them.",
        subcommands: [AppList.self, AppShow.self, AppDisable.self, AppEnable.self])
}

/// `hookline app list`
struct AppList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the apps, and since when apps are disabled.",
        discussion: """
            Examples:
              hookline app list
              hookline app list --disabled --json | jq -r .slug
            """)

    @Flag(help: "Only disabled apps.")
    var disabled = false

    @OptionGroup var output: ListOutput

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.reader()
        let apps = try reportingDirectoryErrors(try directory.apps())
            .filter { !disabled || $0.app.disablement != nil }
        try output.write(
            apps, json: { AppReport.json($0.app, owner: $0.owner) },
            header: ["SLUG", "NAME", "STATUS", "ORGANIZATION", "DISABLED", "EVENTS"],
            row: { AppList.row($0.app, owner: $0.owner) })
    }

    private static func row(_ app: SentryApp, owner: Organization?) -> [String] {
        let date = app.disablement?.date.truncatedToSeconds.iso8601Description
        return [
            app.slug, app.name, app.status.name, owner?.slug ?? "-", date ?? "-",
            app.events.isEmpty ? "-" : app.events.joined(separator: ","),
        ]
    }
}

/// `hookline app show`
struct AppShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show an app's webhook settings, without secrets.",
        discussion: """
            Example:
              hookline app show release-radar
            """)

    @OptionGroup var app: AppArgument
    @OptionGroup var output: ResultOutput

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.reader()
        let app = try options.app(slug: app.slug)
        let owner = try reportingDirectoryErrors(try directory.organization(id: app.ownerID))
        try output.write(json: AppReport.json(app, owner: owner), text: AppReport.lines(app, owner: owner))
    }
}

/// An app in the form that `hookline app` prints, without secrets: of headers the names only.
enum AppReport {
    static func lines(_ app: SentryApp, owner: Organization?) -> String {
        var table = TextTable(header: ["slug:", app.slug])
        table.append(["name:", app.name])
        table.append(["id:", String(app.id)])
        table.append(["status:", app.status.name])
        table.append(["organization:", owner?.slug ?? "-"])
        table.append(["webhook URL:", app.webhookURL ?? "-"])
        table.append(["events:", words(app.events)])
        table.append(["custom headers:", words(app.customHeaders.map(\.name))])
        table.append(["custom timeout:", app.webhookTimeoutMilliseconds.map { "\($0) ms" } ?? "-"])
        if let disablement = app.disablement {
            table.append(["disabled since:", disablement.date.truncatedToSeconds.iso8601Description])
            table.append(["disabled reason:", disablement.reason])
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
