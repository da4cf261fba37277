import ArgumentParser
import Buffer
import Delivery
import Directory
import Management
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
            Organizations, users of every role, published, unpublished and internal apps, and 90 days of \
            installations, webhook requests and interactions. The same seed at the same time gives the same data, \
            except for tokens and client secrets, which are always new. Use a separate directory and Redis; the ids of \
            all rows begin at 9001.

            Examples:
              hookline demo seed --directory sqlite:/tmp/demo.sqlite --redis redis://127.0.0.1:6379/9
              TOKEN=$(hookline demo seed --force --print-token)
            """)

    @Option(help: "The seed of the random numbers.")
    var seed: UInt64 = 1

    @Option(help: "The newest time in the data, such as 2024-01-31T12:00:00Z. (default: now)")
    var now: String?

    @Option(
        help: "The base URL of the webhooks; each app has /hooks/SLUG below it. (default: URLs of no real host)")
    var receiver: String?

    @Flag(help: "Replace a directory that has organizations; all its rows are deleted.")
    var force = false

    @Flag(help: "Print an API token of alice@acme.example with org:read, and nothing else, on standard output.")
    var printToken = false

    @OptionGroup var directoryOptions: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    func validate() throws {
        if let problem = receiver.flatMap(WebhookURL.problem) { throw ValidationError("--receiver: \(problem.reason)") }
    }

    func run() throws {
        let now = try TimeArgument.timestamp(option: "--now", now) ?? .now()
        let catalogue = try redisOptions.catalogue()
        let connection = try redisOptions.connection()
        // Before anything is written: the demo needs its log.
        try reportingRedisErrors(try connection.ping())
        let demo = DemoDirectory(seed: seed, now: now, receiver: receiver, makeSecret: RandomText.secret)
        let directory = try write(demo.document, at: now)
        var writer = DemoLogWriter(
            seed: seed, now: now, document: demo.document, catalogue: catalogue,
            rules: try CommandDeliverySettings().protocolChoice().rules(fitting: nil))
        try reportingRedisErrors(try writer.write(to: connection))

        let report = """
            Wrote \(demo.document.summary) into \(directory).
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

    /// Writes the directory and gives its name.
    private func write(_ document: DirectoryDocument, at now: Timestamp) throws(CommandFailure) -> String {
        let writer = try directoryOptions.writer()
        let directory = try directoryOptions.reader()
        let found = try reportingDirectoryErrors(try directory.document())
        guard found.organizations.isEmpty || force else {
            throw CommandFailure(
                .data,
                "\(writer.name) has organizations already. Use another file (--directory), or --force to replace it")
        }
        // The audit log of an earlier demo stays: its entry has the same id.
        var document = document
        let known = Set(found.auditEntries.map(\.id))
        document.auditEntries.removeAll { known.contains($0.id) }
        do throws(DirectoryImportError) {
            try writer.importDocument(document, isReplacing: true, at: now)
        } catch {
            throw CommandFailure(error, in: "the demo's document")
        }
        return writer.name
    }
}
