import ArgumentParser
import Directory
import Management
import Model
import WireJSON

/// `hookline member add`
struct MemberAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Make a user a member of an organization, or give a member another role.",
        discussion: """
            Roles, each with all rights of those before it: member, admin, manager, owner. Owners get the mails about \
            the organization's apps; the last one keeps the role, unless --force is given. The audit log of the \
            organization gets an entry.

            Examples:
              hookline member add alice --organization acme --role owner
              hookline member add bob --organization acme --role member
            """)

    @OptionGroup var user: UserArgument
    @OptionGroup var organization: OrganizationOption

    @Option(help: "member, admin, manager or owner.", completion: .list(Role.allCases.map(\.rawValue)))
    var role: String

    @OptionGroup var force: ForceOption
    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.manager()
        let fields = try reportingManagementRefusals { () throws(ManagementRefusal) in
            try MemberFields(.object([.init(name: "role", value: .string(role))]))
        }
        let organization = try options.organization(slug: organization.slug)
        let user = try options.user(named: user.name)
        let (now, isForced) = (Timestamp.now(), force.isGiven)
        let before = try directory.change(at: now) { (rows) throws(ManagementRefusal) in
            try MemberChanges(rows, of: organization, author: .currentOperator, isForced: isForced, at: now)
                .add(userID: user.id, role: fields.role)
        }
        let membership = Membership(
            userID: user.id, organizationID: organization.id, role: fields.role, teamRoles: before?.teamRoles ?? [])
        try output.write(
            json: MemberReport.json(user, membership, in: organization),
            text: Self.text(user.username, organization.slug, fields.role, before: before?.role),
            of: before?.role == fields.role ? .reading : .change)
    }

    private static func text(_ user: String, _ organization: String, _ role: Role, before: Role?) -> String {
        switch before {
        case nil: "Added \(user) to \(organization) with the role \(role.rawValue).\n"
        case role: "\(user) has the role \(role.rawValue) in \(organization) already.\n"
        case let old?: "Changed the role of \(user) in \(organization) from \(old.rawValue) to \(role.rawValue).\n"
        }
    }
}
