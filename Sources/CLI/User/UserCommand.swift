import ArgumentParser
import Directory
import Model
import WireJSON

/// `hookline user …`
struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Add and list users, disable and enable them.",
        subcommands: [UserAdd.self, UserDisable.self, UserEnable.self, UserList.self])
}

/// `hookline user list`
struct UserList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the users.",
        discussion: """
            Example:
              hookline user list --json | jq -r 'select(.is_superuser) | .username'
            """)

    @OptionGroup var output: ListOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.reader()
        try output.write(
            try reportingDirectoryErrors(try directory.users()), json: UserReport.json,
            header: ["ID", "USERNAME", "EMAIL", "NAME", "STATE"], row: UserReport.cells)
    }
}

/// A user in the form that `hookline user` prints.
enum UserReport {
    static func json(_ user: User) -> JSONValue {
        .object([
            .init(name: "id", value: .integer(user.id)),
            .init(name: "username", value: .string(user.username)),
            .init(name: "email", value: .string(user.email)),
            .init(name: "name", value: .string(user.name)),
            .init(name: "is_active", value: .bool(user.isActive)),
            .init(name: "is_superuser", value: .bool(user.isSuperuser)),
            .init(name: "is_sentry_app", value: .bool(user.isSentryApp)),
        ])
    }

    static func cells(_ user: User) -> [String] {
        var state = [user.isActive ? "active" : "disabled"]
        if user.isSuperuser { state.append("superuser") }
        if user.isSentryApp { state.append("acts for an app") }
        return [
            String(user.id), user.username, user.email.isEmpty ? "-" : user.email, user.name.isEmpty ? "-" : user.name,
            state.joined(separator: ", "),
        ]
    }
}
