import ArgumentParser
import Directory
import Management
import Model

/// `hookline token create`
struct TokenCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create an API token for a user and print it once.",
        discussion: """
            The directory keeps only the token's SHA-256: the token cannot be shown again. Standard output gets the \
            token and nothing else, or with --json an object that has it. Reading an app's request log needs org:read \
            and a membership in the organization that owns it. hookline:admin may do everything in every organization, \
            and such a token is made only here.

            The audit logs of the user's organizations get an entry, without the token.

            Examples:
              hookline token create --user alice@acme.example --scope org:read
              hookline token create --user 12 --scope org:read --scope event:read --name dashboard --expires 90d
            """)

    @Option(help: "The user: user name, e-mail address or id.")
    var user: String

    @Option(help: "A permission of the token; repeat for several.")
    var scope: [Scope] = []

    @Option(help: "A label.")
    var name = ""

    @Option(help: "When it expires: 90d, 12h, or a time such as 2030-01-31T00:00:00Z. (default: never)")
    var expires: String?

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    private static let maximumNameLength = 128

    func run() throws {
        let now = Timestamp.now()
        let expiry = try expires.map { text throws(CommandFailure) in
            guard let expiry = EndArgument.timestamp(text, from: now) else {
                throw CommandFailure(.data, "--expires: \"\(text)\" is neither a time nor a duration such as 90d")
            }
            return expiry
        }
        if let expiry, expiry <= now {
            throw CommandFailure(.data, "--expires: \(expiry.truncatedToSeconds.iso8601Description) is in the past")
        }
        guard name.unicodeScalars.count <= Self.maximumNameLength,
            name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            throw CommandFailure(
                .data, "--name: at most \(Self.maximumNameLength) characters, and no control characters")
        }
        let user = try options.user(named: user)
        guard user.isActive else {
            throw CommandFailure(
                .data, "the user \"\(user.username)\" is disabled: nobody could use a token of this user")
        }
        let audit = try TokenAudit(options.reader(), event: AuditEntry.tokenCreated, at: now)
        let organizations = try audit.organizations(of: user)
        let token = RandomText.secret()
        let writer = try options.writer()
        let entry = DirectoryDocument.TokenEntry(
            digest: TokenDigest(hashing: token), userID: user.id, scopes: ScopeSet(scope), name: name,
            expiresAt: expiry)
        let added = try reportingDirectoryErrors(
            try writer.addToken(entry, at: now) { audit.entries(of: $0, user: user, in: organizations) })
        StandardStreams.error.write(
            "Created token \(added.id) of \(user.username). Store it now: it cannot be shown again.\n")
        try output.write(
            json: TokenReport.json(added, of: user, at: now, secret: token), text: token + "\n", of: .change)
    }
}

/// Scopes on the command line have the names of the API.
extension Scope: ExpressibleByArgument {}
