import ArgumentParser
import Directory
import Model
import WireJSON

/// `hookline installation …`
struct InstallationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "installation", abstract: "List the installations of apps, install and uninstall apps.",
        subcommands: [InstallationList.self, InstallationCreate.self, InstallationDelete.self])
}

/// `hookline installation list`
struct InstallationList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the installations that are not deleted.",
        discussion: """
            Examples:
              hookline installation list --organization acme
              hookline installation list --app release-radar --json | jq -r .uuid
            """)

    @Option(help: "Only installations of the app with this slug.")
    var app: String?

    @Option(help: "Only installations in the organization with this slug.")
    var organization: String?

    @OptionGroup var output: ListOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let rows = try rows()
        try output.write(
            rows, json: \.json, header: ["UUID", "APP", "ORGANIZATION", "STATUS", "ADDED"], row: \.cells)
    }

    private func rows() throws(CommandFailure) -> [InstallationReport] {
        let directory = try options.reader()
        let organization = try organization.map { slug throws(CommandFailure) in
            try options.organization(slug: slug)
        }
        let apps = try apps(in: directory)
        let organizations = try reportingDirectoryErrors(try directory.organizations())
        let slugs = Dictionary(organizations.map { ($0.id, $0.slug) }) { first, _ in first }
        // One look-up for an organization, whose apps are few, else one for each app.
        let inOrganization = try organization.map { organization throws(CommandFailure) in
            try reportingDirectoryErrors(
                try directory.installations(organizationID: organization.id, limit: .max))
        }
        var rows: [InstallationReport] = []
        for app in apps {
            let found = try installations(of: app, among: inOrganization, directory)
            rows += found.map {
                InstallationReport(installation: $0, appSlug: app.slug, organizationSlug: slugs[$0.organizationID])
            }
        }
        return rows
    }

    private func installations(
        of app: SentryApp, among known: [Installation]?, _ directory: any DirectoryDatabase
    ) throws(CommandFailure) -> [Installation] {
        if let known { return known.filter { $0.appID == app.id } }
        return try reportingDirectoryErrors(try directory.installations(appID: app.id, limit: .max))
    }

    private func apps(in directory: any DirectoryDatabase) throws(CommandFailure) -> [SentryApp] {
        if let app { return [try options.app(slug: app)] }
        return try reportingDirectoryErrors(try directory.apps()).map(\.app)
    }
}

/// An installation in the form that `hookline installation` prints.
struct InstallationReport {
    let installation: Installation
    let appSlug: String
    /// Nil for an organization that is gone.
    let organizationSlug: String?

    var json: JSONValue {
        .object([
            .init(name: "uuid", value: .string(installation.uuid)),
            .init(name: "app", value: .string(appSlug)),
            .init(name: "organization", value: organizationSlug.map(JSONValue.string) ?? .null),
            .init(name: "status", value: .string(installation.status.name)),
            .init(name: "date_added", value: .string(installation.dateAdded.iso8601Description)),
        ])
    }

    var cells: [String] {
        [
            installation.uuid, appSlug, organizationSlug ?? "-", installation.status.name,
            installation.dateAdded.truncatedToSeconds.iso8601Description,
        ]
    }
}
