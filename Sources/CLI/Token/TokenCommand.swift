import ArgumentParser
import Directory
import Model
import WireJSON

/// `hookline token …`
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Create, list and revoke API tokens.",
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}

/// `hookline token list`
struct TokenList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the API tokens, without the tokens themselves.",
        discussion: """
            Example:
              hookline token list --user alice@acme.example --json | jq .id
            """)

    @Option(help: "Only tokens of this user: user name, e-mail address or id.")
    var user: String?

    @OptionGroup var output: ListOutput

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let owner = try user.map { name throws(CommandFailure) in try options.user(named: name) }
        let directory = try options.reader()
        let tokens = try reportingDirectoryErrors(try directory.tokens())
            .filter { owner == nil || $0.user.id == owner?.id }
        let now = Timestamp.now()
        try output.write(
            tokens, json: { TokenList.json($0, at: now) },
            header: ["ID", "USER", "SCOPES", "NAME", "CREATED", "EXPIRES"], row: { TokenList.row($0, at: now) })
    }

    private static func row(_ entry: (token: APIToken, user: User), at now: Timestamp) -> [String] {
        let token = entry.token
        let expiry = token.expiresAt.map { "\($0.iso8601Description)\($0 < now ? " (expired)" : "")" }
        return [
            String(token.id), entry.user.username, token.scopes.scopes.map(\.rawValue).joined(separator: ","),
            token.name.isEmpty ? "-" : token.name,
            token.dateAdded?.truncatedToSeconds.iso8601Description ?? "-", expiry ?? "never",
        ]
    }

    private static func json(_ entry: (token: APIToken, user: User), at now: Timestamp) -> JSONValue {
        let token = entry.token
        return .object([
            JSONValue.Member(name: "id", value: .integer(token.id)),
            JSONValue.Member(name: "user_id", value: .integer(token.userID)),
            JSONValue.Member(name: "username", value: .string(entry.user.username)),
            JSONValue.Member(name: "scopes", value: .array(token.scopes.scopes.map { .string($0.rawValue) })),
            JSONValue.Member(name: "name", value: .string(token.name)),
            JSONValue.Member(
                name: "date_added", value: token.dateAdded.map { .string($0.iso8601Description) } ?? .null),
            JSONValue.Member(
                name: "expires_at", value: token.expiresAt.map { .string($0.iso8601Description) } ?? .null),
            JSONValue.Member(name: "is_expired", value: .bool(token.expiresAt.map { $0 < now } ?? false)),
            JSONValue.Member(name: "token_sha256", value: .string(token.digest.rawValue)),
        ])
    }
}

/// `hookline token revoke`
struct TokenRevoke: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke tokens; nothing changes if any id is unknown.",
        discussion: """
            Running responders accept a revoked token until their cached entry expires \
            (HOOKLINE_DIRECTORY_CACHE_SECONDS, default 5). The audit logs of the users' organizations get an entry for \
            each token.

            Example:
              hookline token revoke 7 8
            """)

    @Argument(help: "The tokens' ids, as 'hookline token list' shows them.")
    var ids: [Int64]

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        // A missing directory is an error here: opening it for writing would create it.
        let directory = try options.reader()
        try reportingDirectoryErrors(try directory.check())
        let ids = Set(ids).sorted()
        let tokens = try reportingDirectoryErrors(try directory.tokens()).filter { ids.contains($0.token.id) }
        let now = Timestamp.now()
        let audit = TokenAudit(directory, event: AuditEntry.tokenRevoked, at: now)
        let entries = try tokens.flatMap { token, user throws(CommandFailure) in
            audit.entries(of: token, user: user, in: try audit.organizations(of: user))
        }
        let writer = try options.writer()
        try reportingDirectoryErrors(try writer.removeTokens(ids: ids, at: now, audit: entries))
        try StandardStreams.writeResult("Revoked \(ids.count.counted("token")).\n")
    }
}
