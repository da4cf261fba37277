import ArgumentParser
import Directory
import Model
import WireJSON

/// `hookline organization …`
struct OrganizationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "organization", abstract: "Create and list organizations.",
        subcommands: [OrganizationCreate.self, OrganizationList.self])
}

/// `hookline organization list`
struct OrganizationList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the organizations.",
        discussion: """
            Example:
              hookline organization list --json | jq -r .slug
            """)

    @OptionGroup var output: ListOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.reader()
        try output.write(
            try reportingDirectoryErrors(try directory.organizations()), json: OrganizationReport.json,
            header: ["SLUG", "NAME", "STATUS"], row: { [$0.slug, $0.name, $0.status.name] })
    }
}

/// An organization in the form that `hookline organization` prints.
enum OrganizationReport {
    static func json(_ organization: Organization) -> JSONValue {
        .object([
            .init(name: "id", value: .integer(organization.id)),
            .init(name: "slug", value: .string(organization.slug)),
            .init(name: "name", value: .string(organization.name)),
            .init(name: "status", value: .string(organization.status.name)),
        ])
    }
}
