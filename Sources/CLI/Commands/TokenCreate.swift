import ArgumentParser
import Directory
import Model

/// `hookline token create`
struct TokenCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make an API token for a user and print it, once.",
        discussion: """
            The directory keeps the token's SHA-256 only: it cannot be shown again. The token alone goes to standard \
            output. Reading an app's request log needs org:read and a membership in the organization that owns it.

            Examples:
              hookline token create --user alice@acme.example --scope org:read
              hookline token create --user 12 --scope org:read --scope event:read --name dashboard --expires 90d
            """)

    @Option(help: "User name, e-mail address or number of the user.")
    var user: String

    @Option(help: "What the token may do; repeat for several.")
    var scope: [Scope] = []

    @Option(help: "A label for people.")
    var name = ""

    @Option(help: "When it ends: 90d, 12h, or a time such as 2030-01-31T00:00:00Z. (default: never)")
    var expires: String?

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let now = Timestamp.now()
        let expiry = try expires.map { text throws(CommandFailure) in
            guard let expiry = EndArgument.timestamp(text, from: now) else {
                throw CommandFailure(.data, "--expires: \"\(text)\" is neither a time nor a number of days (90d)")
            }
            return expiry
        }
        let user = try options.user(named: user)
        let token = TokenCreate.randomToken()
        let writer = try options.writer()
        let entry = DirectoryDocument.TokenEntry(
            digest: TokenDigest(hashing: token), userID: user.id, scopes: ScopeSet(scope), name: name,
            expiresAt: expiry)
        let added = try reportingDirectoryErrors { () throws(DirectoryError) in try writer.addToken(entry, at: now) }
        StandardStreams.error.write(
            "Made token \(added.id) of \(user.username). Keep it now: it cannot be shown again.\n")
        try StandardStreams.writeResult(token + "\n")
    }

    /// 256 random bits as 64 hexadecimal digits, the form of the original's tokens.
    static func randomToken() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

extension DirectoryOptions {
    /// The user that an option names.
    func user(named text: String) throws(CommandFailure) -> User {
        let directory = try reader()
        let found = try reportingDirectoryErrors { () throws(DirectoryError) in
            if let user = try directory.user(login: text) { return user as User? }
            guard let id = Int64(text) else { return nil }
            return try directory.user(id: id)
        }
        guard let found else {
            throw CommandFailure(.data, "no user has the name, address or number \"\(text)\"")
        }
        return found
    }
}
