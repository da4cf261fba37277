import ArgumentParser
import Directory
import Model
import WireJSON

/// `hookline token list`
struct TokenList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the API tokens; never the tokens themselves.",
        discussion: """
            Example:
              hookline token list --user alice@acme.example --json | jq .id
            """)

    @Option(help: "Only those of this user: user name, e-mail address or number.")
    var user: String?

    @Flag(help: "One JSON object a line.")
    var json = false

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let owner = try user.map { name throws(CommandFailure) in try options.user(named: name) }
        let directory = try options.reader()
        let tokens = try reportingDirectoryErrors { () throws(DirectoryError) in try directory.tokens() }
            .filter { owner == nil || $0.user.id == owner?.id }
        let now = Timestamp.now()
        if json {
            try StandardStreams.writeResult(tokens.map { TokenList.json($0, at: now).compactText + "\n" }.joined())
        } else {
            var table = TextTable(header: ["ID", "USER", "SCOPES", "NAME", "MADE", "EXPIRES"])
            for token in tokens { table.append(TokenList.row(token, at: now)) }
            try StandardStreams.writeResult(table.text)
        }
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
