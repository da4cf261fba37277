import ArgumentParser
import Directory
import Model
import WireJSON

/// `hookline app list`
struct AppList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the apps, the disabled ones with the time.",
        discussion: """
            Examples:
              hookline app list
              hookline app list --disabled --json | jq -r .slug
            """)

    @Flag(help: "Only those that are disabled.")
    var disabled = false

    @Flag(help: "One JSON object a line.")
    var json = false

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.reader()
        let apps = try reportingDirectoryErrors { () throws(DirectoryError) in try directory.apps() }
            .filter { !disabled || $0.app.disablement != nil }
        if json {
            try StandardStreams.writeResult(
                apps.map { AppText.json($0.app, owner: $0.owner).compactText + "\n" }.joined())
        } else {
            var table = TextTable(header: ["SLUG", "NAME", "STATUS", "ORGANIZATION", "DISABLED", "EVENTS"])
            for entry in apps { table.append(AppList.row(entry.app, owner: entry.owner)) }
            try StandardStreams.writeResult(table.text)
        }
    }

    private static func row(_ app: SentryApp, owner: Organization?) -> [String] {
        let date = app.disablement?.date.truncatedToSeconds.iso8601Description
        return [
            app.slug, app.name, app.status.name, owner?.slug ?? "-", date ?? "-",
            app.events.isEmpty ? "-" : app.events.joined(separator: ","),
        ]
    }
}
