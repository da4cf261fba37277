import ArgumentParser
import Directory
import Management
import Model
import WireJSON

/// `hookline member remove`
struct MemberRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a member from an organization.",
        discussion: """
            The user stays, and with it the user's tokens, which have no rights in the organization any more. The last \
            owner is removed only with --force. The audit log of the organization gets an entry.

            Example:
              hookline member remove bob --organization acme
            """)

    @OptionGroup var user: UserArgument
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var force: ForceOption
    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.manager()
        let organization = try options.organization(slug: organization.slug)
        let user = try options.user(named: user.name)
        let (now, isForced) = (Timestamp.now(), force.isGiven)
        try directory.change(at: now) { (rows) throws(ManagementRefusal) in
            try MemberChanges(rows, of: organization, author: .currentOperator, isForced: isForced, at: now)
                .remove(userID: user.id)
        }
        try output.write(
            json: .object([
                .init(name: "username", value: .string(user.username)),
                .init(name: "organization", value: .string(organization.slug)),
            ]), text: "Removed \(user.username) from \(organization.slug).\n", of: .change)
    }
}
