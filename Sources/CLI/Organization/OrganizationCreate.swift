import ArgumentParser
import Directory
import Management
import Model
import WireJSON

/// `hookline organization create`
struct OrganizationCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create an organization, and an embedded directory that does not exist yet.",
        discussion: """
            The audit log of the organization begins with this.

            Examples:
              hookline organization create acme
              hookline organization create acme --name 'Acme Incorporated' --json
            """)

    @Argument(help: "The organization's slug, its name in URLs and commands.")
    var slug: String

    @Option(
        help: ArgumentHelp(
            "Its name for people, at most \(OrganizationFields.maximumNameLength) characters. (default: the slug)",
            valueName: "name"))
    var name: String?

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let exists = try options.exists()
        // A file without tables is one that another command is creating.
        let isReady = try exists && options.hasTables()
        if isReady { _ = try options.manager() }
        let now = Timestamp.now()
        let fields = try reportingManagementRefusals(arguments: ["slug"]) { () throws(ManagementRefusal) in
            var members = [JSONValue.Member(name: "slug", value: .string(slug))]
            if let name { members.append(.init(name: "name", value: .string(name))) }
            return try OrganizationFields(.object(members))
        }
        // Not before it is known that the values are good: what is refused leaves no file.
        if !isReady { _ = try options.writer() }
        let directory = try options.manager()
        let organization = try directory.change(at: now, arguments: ["slug"]) { (rows) throws(ManagementRefusal) in
            try OrganizationChanges(rows, author: .currentOperator, at: now).create(fields)
        }
        if !exists { StandardStreams.error.write("Created the directory \(directory.name).\n") }
        try output.write(
            json: OrganizationReport.json(organization), text: "Created the organization \(organization.slug).\n",
            of: .change)
    }
}
