import ArgumentParser
import Directory
import Management
import Model
import WireJSON

/// `hookline user add`
struct UserAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a user.",
        discussion: """
            The user has no rights in any organization before 'hookline member add'. Hookline keeps no passwords: \
            nginx authenticates, and the user name is what it reports.

            Examples:
              hookline user add alice --email alice@acme.example --name 'Alice A.'
              hookline user add root --email root@acme.example --superuser
            """)

    @Argument(help: "The user name, at most \(UserFields.maximumUsernameLength) characters without white space.")
    var username: String

    @Option(help: "The e-mail address, to which mails about apps go.")
    var email: String

    @Option(help: ArgumentHelp("The display name.", valueName: "name"))
    var name: String?

    @Flag(help: "The user may do everything.")
    var superuser = false

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let (directory, now) = (try options.manager(), Timestamp.now())
        var members: [JSONValue.Member] = [
            .init(name: "username", value: .string(username)), .init(name: "email", value: .string(email)),
            .init(name: "isSuperuser", value: .bool(superuser)),
        ]
        if let name { members.append(.init(name: "name", value: .string(name))) }
        let given = JSONValue.object(members)
        let (user, sameAddress) = try directory.change(at: now, arguments: ["username"]) {
            (rows) throws(ManagementRefusal) in
            let fields = try UserFields(given, hosts: .ofWorker)
            return try UserChanges(rows, author: .currentOperator, at: now).add(fields)
        }
        if let sameAddress {
            StandardStreams.error.write(
                "hookline: warning: \(sameAddress.username) has the same e-mail address: only a user name tells them "
                    + "apart\n")
        }
        try output.write(
            json: UserReport.json(user), text: "Added the user \(user.username) with the id \(user.id).\n", of: .change)
    }
}
