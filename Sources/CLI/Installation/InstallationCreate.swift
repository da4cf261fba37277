import ArgumentParser
import Directory
import Management
import Model
import WireJSON

/// `hookline installation create`
struct InstallationCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Install an app in an organization.",
        discussion: """
            The service hook, with the app's URL and events, is made with the installation and follows the app. An app \
            that is installed there already stays as it is. The audit log of the organization gets an entry. No \
            webhook is sent: 'hookline event send UUID installation.created' sends one.

            Examples:
              hookline installation create --app release-radar --organization acme
              hookline installation create --app release-radar --organization acme --status pending --json
            """)

    @OptionGroup var app: AppOption

    @Option(help: "The slug of the organization.")
    var organization: String

    @Option(
        help: "installed or pending. (default: installed)",
        completion: .list(Installation.Status.allCases.map(\.name)))
    var status: String?

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.manager()
        let organization = try options.organization(slug: organization)
        let app = try options.app(slug: app.slug)
        let now = Timestamp.now()
        var members = [JSONValue.Member(name: "slug", value: .string(app.slug))]
        if let status { members.append(.init(name: "status", value: .string(status))) }
        let given = JSONValue.object(members)
        let outcome = try directory.change(at: now) { (rows) throws(ManagementRefusal) in
            let fields = try InstallationFields(given)
            return try InstallationChanges(rows, author: .currentOperator, at: now)
                .install(appID: app.id, in: organization, status: fields.status, isAdministrator: true)
        }
        let report = InstallationReport(
            installation: outcome.installation, appSlug: app.slug, organizationSlug: organization.slug)
        let done = outcome.wasPresent ? "\(app.slug) is already installed" : "Installed \(app.slug)"
        try output.write(
            json: report.json, text: "\(done) in \(organization.slug): \(outcome.installation.uuid)\n",
            of: outcome.wasPresent ? .reading : .change)
    }
}
