import ArgumentParser
import Directory
import Management
import Model

/// The argument of a command that names one user.
struct UserArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The user: user name, e-mail address or id.", valueName: "user"))
    var name: String
}

/// `hookline user disable`
struct UserDisable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Disable a user: nothing of that user is accepted until it is enabled again.",
        discussion: """
            The user's tokens, sessions and passwords stop working; they stay, as do memberships. Running responders \
            accept them until their cached entry expires (HOOKLINE_DIRECTORY_CACHE_SECONDS, default 5). The user gets \
            no mail. The audit log of each organization of the user gets an entry.

            Example:
              hookline user disable bob
            """)

    @OptionGroup var user: UserArgument
    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        try UserSwitch(isActive: false, options: options, output: output).run(user.name)
    }
}

/// `hookline user enable`
struct UserEnable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Enable a disabled user.",
        discussion: """
            Tokens and sessions that have not expired work again. The audit log of each organization of the user gets \
            an entry.

            Example:
              hookline user enable bob
            """)

    @OptionGroup var user: UserArgument
    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        try UserSwitch(isActive: true, options: options, output: output).run(user.name)
    }
}

/// What the two commands do.
private struct UserSwitch {
    let isActive: Bool
    let options: DirectoryOptions
    let output: ResultOutput

    func run(_ name: String) throws(CommandFailure) {
        let directory = try options.manager()
        var user = try options.user(named: name)
        let (now, isActive, id) = (Timestamp.now(), isActive, user.id)
        let withoutOwner = try directory.change(at: now) { (rows) throws(ManagementRefusal) in
            try UserChanges(rows, author: .currentOperator, at: now).setActive(isActive, userID: id)
        }
        for organizationID in withoutOwner {
            let organization = try reportingDirectoryErrors(try directory.organization(id: organizationID))
            StandardStreams.error.write(
                "hookline: warning: \(organization?.slug ?? String(organizationID)) has no active owner now: nobody "
                    + "gets mails about its apps\n")
        }
        user.isActive = isActive
        let report = UserReport.json(user)
        try output.write(json: report, text: "\(isActive ? "Enabled" : "Disabled") \(user.username).\n", of: .change)
    }
}
