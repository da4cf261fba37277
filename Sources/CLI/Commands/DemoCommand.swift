import ArgumentParser
import Buffer
import Directory
import Model
import Redis

/// `hookline demo …`
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Data to try Hookline with.", subcommands: [DemoSeed.self])
}

/// `hookline demo seed`
struct DemoSeed: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed",
        abstract: "Fill the directory and Redis with demo data.",
        discussion: """
            Organizations, users of every role, published, unpublished and internal apps, and 90 days of installations, \
            webhook requests and interactions. The same seed at the same time gives the same data; tokens and client \
            secrets alone are always new. Meant for a directory and a Redis of its own: the numbers of all rows begin \
            at 9001.

            Examples:
              hookline demo seed --directory sqlite:/tmp/demo.sqlite --redis redis://127.0.0.1:6379/9
              TOKEN=$(hookline demo seed --force --print-token)
            """)

    @Option(help: "What the data is made from.")
    var seed: UInt64 = 1

    @Option(help: "The time it is made for, such as 2024-01-31T12:00:00Z. (default: now)")
    var now: String?

    @Option(
        help: "Where the apps' webhooks go, below which each has /hooks/SLUG. (default: addresses that lead nowhere)")
    var receiver: String?

    @Flag(help: "Write over a directory that has organizations: all that is in it goes.")
    var force = false

    @Flag(help: "Print an API token of alice@acme.example with org:read, and nothing else, on standard output.")
    var printToken = false

    @OptionGroup var directoryOptions: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    func run() throws {
        let now = try timestamp()
        let catalogue = try redisOptions.catalogue()
        let connection = try redisOptions.connection()
        // Before anything is written: a demo without its log is none.
        try reportingRedisErrors { () throws(RedisError) in try connection.ping() }
        let demo = DemoDirectory(seed: seed, now: now, receiver: receiver, makeSecret: TokenCreate.randomToken)
        let path = try write(demo.document, at: now)
        var writer = DemoLogWriter(seed: seed, now: now, document: demo.document, catalogue: catalogue)
        try reportingRedisErrors { () throws(RedisError) in try writer.write(to: connection) }

        let report = """
            Wrote \(demo.document.summary) into \(path).
            Wrote \(writer.requestCount) webhook requests and \(writer.interactionCount) interaction counts into \
            \(connection.endpoint.server).
            Users: alice@acme.example (owner), mona@acme.example (manager), adam@acme.example (admin), \
            mark@acme.example (member), olga@globex.example (owner of another organization), otto@nowhere.example \
            (no organization), root@hookline.example (superuser).
            Apps: \(DemoApp.all.map { "\($0.slug) (\($0.status.name))" }.joined(separator: ", ")).

            """
        if printToken {
            StandardStreams.error.write(report)
            try StandardStreams.writeResult(demo.readToken + "\n")
        } else {
            try StandardStreams.writeResult(report)
        }
    }

    private func timestamp() throws(CommandFailure) -> Timestamp {
        guard let now else { return .now() }
        guard let timestamp = Timestamp(parsing: now) else {
            throw CommandFailure(.data, "--now: \"\(now)\" is not a time such as 2024-01-31T12:00:00Z")
        }
        return timestamp
    }

    /// Writes the directory and gives its path.
    private func write(_ document: DirectoryDocument, at now: Timestamp) throws(CommandFailure) -> String {
        let writer = try directoryOptions.writer()
        let directory = SQLiteDirectory(path: writer.path)
        let found = try reportingDirectoryErrors { () throws(DirectoryError) in try directory.document() }
        guard found.organizations.isEmpty || force else {
            throw CommandFailure(
                .data,
                "\(writer.path) has organizations already. Take another file (--directory), or --force to remove all "
                    + "that is in it")
        }
        do throws(DirectoryImportError) {
            try writer.importDocument(document, isReplacing: true, at: now)
        } catch {
            switch error {
            case .problems(let problems, let count):
                throw CommandFailure(problems, count: count, in: "the demo's document")
            case .directory(let error): throw CommandFailure(error)
            }
        }
        return writer.path
    }
}
