import ArgumentParser
import Directory
import Model

/// `hookline app …`
struct AppCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "app", abstract: "Create, show, change and delete apps, disable and enable them, rotate secrets.",
        subcommands: [
            AppList.self, AppShow.self, AppCreate.self, AppSet.self, AppDelete.self, AppDisable.self, AppEnable.self,
            AppRotateSecret.self, AppPreviousSecret.self, AppSigningKey.self,
        ])
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
            .filter { !disabled || $0.app.isDisabled }
        let policy = try? CommandDeliverySettings().deploymentPolicy()
        StandardStreams.warnOfDamage(apps.map(\.app))
        try output.write(
            apps, json: { AppReport($0.app, owner: $0.owner, deploymentPolicy: policy).json },
            header: ["SLUG", "NAME", "STATUS", "ORGANIZATION", "DISABLED", "EVENTS"],
            row: { AppList.row($0.app, owner: $0.owner) })
    }

    private static func row(_ app: SentryApp, owner: Organization?) -> [String] {
        let date =
            app.disablement?.date.truncatedToSeconds.iso8601Description
            ?? (app.isDisabledByPlatform ? "by the platform" : nil)
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
        // What the directory says is shown also where the settings cannot be read.
        let policy = try? CommandDeliverySettings().deploymentPolicy()
        let report = AppReport(app, owner: owner, deploymentPolicy: policy)
        try output.write(json: report.json, text: report.lines)
    }
}
