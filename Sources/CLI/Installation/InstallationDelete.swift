import ArgumentParser
import Directory
import Management
import Model

/// `hookline installation delete`
struct InstallationDelete: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Uninstall an app from an organization.",
        discussion: """
            The installation is marked as deleted: it gets no event any more but installation.deleted, which 'hookline \
            event send UUID installation.deleted' sends. The audit log of the organization gets an entry.

            Example:
              hookline installation delete 7a485448-a9e2-4c85-8a3c-4f44175783c9
            """)

    @Argument(help: "The installation's UUID, as 'hookline installation list' shows it.")
    var uuid: String

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.manager()
        let (installation, now) = (try options.installation(uuid: uuid), Timestamp.now())
        let app = try reportingDirectoryErrors(try directory.app(id: installation.appID))
        let organization = try reportingDirectoryErrors(
            try directory.organization(id: installation.organizationID))
        try directory.change(at: now) { (rows) throws(ManagementRefusal) in
            try InstallationChanges(rows, author: .currentOperator, at: now)
                .uninstall(uuid: installation.uuid, from: installation.organizationID)
        }
        let report = InstallationReport(
            installation: installation, appSlug: app?.slug ?? "-", organizationSlug: organization?.slug)
        try output.write(
            json: report.json,
            text: "Uninstalled \(report.appSlug) from \(report.organizationSlug ?? "-").\n", of: .change)
    }
}
