import ArgumentParser
import Directory
import Management
import Model
import WebhookRules
import WireJSON

/// `hookline app create`
struct AppCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create an app, and print its client secret once.",
        discussion: """
            The fields and their rules are those of the management API (docs/management-api.md). The secret is printed \
            as it is and in the form that the libraries of Standard Webhooks want. The audit log of the owning \
            organization gets an entry. 'hookline installation create' installs the app.

            A webhook URL to an address that is not public is refused unless HOOKLINE_ALLOWED_NETWORKS names it. The \
            values of headers can be seen in the list of processes while the command runs; --headers-file hides them.

            Examples:
              hookline app create --organization acme --name Radar --event issue \\
                --webhook-url https://radar.acme.example/hook
              hookline app create --organization acme --name Inside --internal --json
            """)

    @Option(help: "The slug of the organization that is to own the app.")
    var organization: String

    @Option(help: "The app's name, at most \(AppRules.maximumNameLength) characters.")
    var name: String

    @Option(help: "The app's slug. (default: made of the name)")
    var slug: String?

    @Flag(help: "Only the owning organization can use the app.")
    var `internal` = false

    @OptionGroup var fields: AppFieldOptions
    @OptionGroup var settings: AppSettingsOptions
    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.manager()
        let owner = try options.organization(slug: organization)
        let (settings, problems) = try settings.read()
        let (rules, now) = (try options.appRules(in: owner.id), Timestamp.now())
        var members = try fields.members()
        members.append(.init(name: "name", value: .string(name)))
        if let slug { members.append(.init(name: "slug", value: .string(slug))) }
        if self.internal { members.append(.init(name: "isInternal", value: .bool(true))) }
        let given = members
        let app = try directory.change(at: now) { (rows) throws(ManagementRefusal) in
            let fields = try AppFields(.object(given), isNew: true)
            for problem in problems { fields.report(problem.path, problem.message) }
            return try AppChanges(rows, rules: rules, author: .currentOperator, at: now)
                .create(fields, settings: settings, owner: owner).app
        }
        try report(app)
    }

    private func report(_ app: SentryApp) throws(CommandFailure) {
        let standard = SigningKey.standardForm(of: app.clientSecret)
        StandardStreams.error.write(
            "Created \(app.slug). Store the client secret now: only an export shows it again.\n")
        var table = TextTable(header: ["slug:", app.slug])
        table.append(["uuid:", app.uuid])
        table.append(["client id:", app.clientID])
        table.append(["client secret:", app.clientSecret.exposed])
        table.append(["for Standard Webhooks:", standard.exposed])
        try output.write(
            json: .object([
                .init(name: "app", value: .string(app.slug)),
                .init(name: "uuid", value: .string(app.uuid)),
                .init(name: "client_id", value: .string(app.clientID)),
                .init(name: "client_secret", value: .string(app.clientSecret.exposed)),
                .init(name: "standard_webhooks_secret", value: .string(standard.exposed)),
            ]), text: table.text, of: .change)
    }
}
