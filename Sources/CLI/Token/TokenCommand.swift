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
            tokens, json: { TokenReport.json($0.token, of: $0.user, at: now) },
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
}

/// A token in the form that `hookline token` prints.
enum TokenReport {
    /// - Parameter secret: the token itself, where it was just made.
    static func json(_ token: APIToken, of user: User, at now: Timestamp, secret: String? = nil) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "id", value: .integer(token.id)),
            .init(name: "user_id", value: .integer(token.userID)),
            .init(name: "username", value: .string(user.username)),
            .init(name: "scopes", value: .array(token.scopes.scopes.map { .string($0.rawValue) })),
            .init(name: "name", value: .string(token.name)),
            .init(name: "date_added", value: token.dateAdded.map { .string($0.iso8601Description) } ?? .null),
            .init(name: "expires_at", value: token.expiresAt.map { .string($0.iso8601Description) } ?? .null),
            .init(name: "is_expired", value: .bool(token.expiresAt.map { $0 < now } ?? false)),
            .init(name: "token_sha256", value: .string(token.digest.rawValue)),
        ]
        if let secret { members.append(.init(name: "token", value: .string(secret))) }
        return .object(members)
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

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        // A missing directory is an error here: opening it for writing would create it.
        let directory = try options.reader()
        try reportingDirectoryErrors(try directory.check())
        let wanted = Set(ids)
        let ids = wanted.sorted()
        let tokens = try reportingDirectoryErrors(try directory.tokens()).filter { wanted.contains($0.token.id) }
        let now = Timestamp.now()
        let audit = TokenAudit(directory, event: AuditEntry.tokenRevoked, at: now)
        let entries = try tokens.flatMap { token, user throws(CommandFailure) in
            audit.entries(of: token, user: user, in: try audit.organizations(of: user))
        }
        let writer = try options.writer()
        try reportingDirectoryErrors(try writer.removeTokens(ids: ids, at: now, audit: entries))
        try output.write(
            json: .object([.init(name: "revoked", value: .array(ids.map(JSONValue.integer)))]),
            text: "Revoked \(ids.count.counted("token")).\n", of: .change)
    }
}
