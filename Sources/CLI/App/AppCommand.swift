import ArgumentParser
import Buffer
import Directory
import Model
import Redis

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
        abstract: "Show an app's webhook settings, without secrets, and the outcome of its last 24 hours.",
        discussion: """
            The outcome is the share of attempts that succeeded, and the durations that half of them (p50) and 95% \
            (p95) did not exceed, estimated to within a quarter.

            Examples:
              hookline app show release-radar
              hookline app show release-radar --json | jq .last_24_hours
            """)

    @OptionGroup var app: AppArgument
    @OptionGroup var output: ResultOutput

    @OptionGroup var options: DirectoryOptions
    @OptionGroup var redisLocation: RedisLocation

    func run() throws {
        let directory = try options.reader()
        let app = try options.app(slug: app.slug)
        let owner = try reportingDirectoryErrors(try directory.organization(id: app.ownerID))
        // What the directory says is shown also where the settings cannot be read.
        let policy = try? CommandDeliverySettings().deploymentPolicy()
        let report = AppReport(
            app, owner: owner, deploymentPolicy: policy, deliveries: try deliveries(appID: app.id))
        try output.write(json: report.json, text: report.lines)
    }

    /// Unknown where Redis does not respond soon, or its settings cannot be read.
    ///
    /// - Throws: when it is the option that cannot be read.
    private func deliveries(appID: Int64) throws(CommandFailure) -> AppReport.Deliveries {
        let connection: RedisConnection
        do throws(CommandFailure) {
            connection = try redisLocation.connection(commandTimeout: .seconds(2))
        } catch {
            guard redisLocation.redis == nil else { throw error }
            return .unknown
        }
        let hours = DeliveryHours(connection: connection)
        return (try? AppDeliveries(appID: appID, in: hours, now: .now())).map { .known($0) } ?? .unknown
    }
}
