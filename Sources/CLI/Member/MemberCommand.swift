import ArgumentParser
import Directory
import Model
import WireJSON

/// `hookline member …`
struct MemberCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "member", abstract: "Add, list and remove the members of an organization.",
        subcommands: [MemberAdd.self, MemberRemove.self, MemberList.self])
}

/// The option of a command about one organization.
struct OrganizationOption: ParsableArguments {
    @Option(
        name: .customLong("organization"), help: ArgumentHelp("The slug of the organization.", valueName: "slug"))
    var slug: String
}

/// The option of a command that could take an organization's last owner away.
struct ForceOption: ParsableArguments {
    @Flag(name: .customLong("force"), help: "Do it even if the organization has no active owner then.")
    var isGiven = false
}

/// `hookline member list`
struct MemberList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the members of an organization.",
        discussion: """
            Example:
              hookline member list --organization acme
            """)

    @OptionGroup var organization: OrganizationOption
    @OptionGroup var output: ListOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.reader()
        let organization = try options.organization(slug: organization.slug)
        let members = try reportingDirectoryErrors(try directory.members(organizationID: organization.id))
        try output.write(
            members, json: { MemberReport.json($0.user, $0.membership, in: organization) },
            header: ["USERNAME", "EMAIL", "ROLE", "STATE"],
            row: {
                [
                    $0.user.username, $0.user.email.isEmpty ? "-" : $0.user.email, $0.membership.role.rawValue,
                    $0.user.isActive ? "active" : "disabled",
                ]
            })
    }
}

/// A member in the form that `hookline member` prints.
enum MemberReport {
    static func json(_ user: User, _ membership: Membership, in organization: Organization) -> JSONValue {
        .object([
            .init(name: "user_id", value: .integer(user.id)),
            .init(name: "username", value: .string(user.username)),
            .init(name: "email", value: .string(user.email)),
            .init(name: "is_active", value: .bool(user.isActive)),
            .init(name: "organization", value: .string(organization.slug)),
            .init(name: "role", value: .string(membership.role.rawValue)),
            .init(name: "team_org_roles", value: .array(membership.teamRoles.map { .string($0.rawValue) })),
        ])
    }
}
