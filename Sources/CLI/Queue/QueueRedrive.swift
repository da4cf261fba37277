import ArgumentParser
import Buffer
import Model
import Queue
import Redis

/// `hookline queue redrive`
struct QueueRedrive: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive",
        abstract: "Redrive dead letters: put them back into the queue, due now.",
        discussion: """
            They keep their ids; their attempts are counted from 1 again. When the queue is full, the others stay dead \
            letters and the exit status is 75.

            Examples:
              hookline queue redrive 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6
              hookline queue redrive --all --app release-radar
            """)

    @OptionGroup var selection: DeadLetterSelection
    @OptionGroup var options: QueueOptions
    @OptionGroup var directoryOptions: DirectoryOptions

    func run() throws {
        let appID = try directoryOptions.appID(slug: selection.app)
        let queue = try options.deliveryQueue()
        if appID != nil { try reportingRedisErrors(try queue.checkAllIndexes()) }
        let redrive = try reportingRedisErrors(
            try selection.all
                ? queue.redriveAll(appID: appID, now: .now()) : queue.redrive(ids: selection.ids, now: .now()))
        if redrive.isFull || redrive.heldCount > 0 || selection.matches(redrive.count) {
            try StandardStreams.writeResult("Redrove \(redrive.count.counted("dead letter")).\n", of: .change)
        }
        if redrive.isFull {
            throw CommandFailure(
                .tryLater, "the queue is full: the others stay dead letters. Repeat the command later")
        }
        guard redrive.heldCount == 0 else {
            throw CommandFailure(
                .tryLater,
                "the app has too many events in the queue, of which more than half is used: its others stay dead "
                    + "letters. Repeat the command later")
        }
        if let missing = selection.missing(found: redrive.count + redrive.damagedCount) {
            throw CommandFailure(.data, missing)
        }
        guard redrive.damagedCount == 0 else {
            throw CommandFailure(
                .data,
                "\(redrive.damagedCount.counted("dead letter")) not redriven, because what Redis has cannot be decoded."
                    + " 'hookline queue list' shows them as damaged, and 'hookline queue delete' deletes them")
        }
    }
}

/// `hookline queue delete`
struct QueueDelete: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete dead letters permanently.",
        discussion: """
            Their payloads are deleted, too, except for copies in the archive ('hookline event show'); 'hookline event \
            erase' removes all that there is of one event. The audit log of the owning organization gets an entry \
            with their number before.

            Examples:
              hookline queue delete 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6
              hookline queue delete --all --app release-radar --yes
            """)

    @OptionGroup var selection: DeadLetterSelection

    @Flag(help: "Confirm: required with --all.")
    var yes = false

    @OptionGroup var options: QueueOptions
    @OptionGroup var directoryOptions: DirectoryOptions

    func validate() throws {
        guard !selection.all || yes else {
            throw ValidationError("--all deletes them permanently: add --yes to confirm")
        }
    }

    func run() throws {
        let appID = try directoryOptions.appID(slug: selection.app)
        let queue = try options.deliveryQueue()
        if appID != nil { try reportingRedisErrors(try queue.checkAllIndexes()) }
        // Mails are no app's.
        if options.queue == .events {
            try DeadLetterAudit(selection, appID: appID, in: queue, options: directoryOptions).record()
        }
        let count = try reportingRedisErrors(
            try selection.all
                ? queue.deleteAllDeadLetters(appID: appID, now: .now())
                : queue.deleteDeadLetters(ids: selection.ids, appID: appID))
        if selection.matches(count) {
            try StandardStreams.writeResult("Deleted \(count.counted("dead letter")).\n", of: .change)
        }
        if let missing = selection.missing(found: count) { throw CommandFailure(.data, missing) }
    }
}

/// The dead letters of a command: by id, all, or all of one app.
struct DeadLetterSelection: ParsableArguments {
    @Argument(help: "The dead letters' ids, as 'hookline queue list' shows them.")
    var ids: [String] = []

    @Flag(help: "All dead letters; with --app, all of that app.")
    var all = false

    @Option(help: "The app's slug; with --all.")
    var app: String?

    func validate() throws {
        guard all != !ids.isEmpty else { throw ValidationError("give dead letters' ids, or --all") }
        guard app == nil || all else { throw ValidationError("--app requires --all") }
    }

    /// Whether a result of `found` dead letters is worth a line: none of all is, none of those with given ids is not.
    func matches(_ found: Int) -> Bool { all || found > 0 }

    /// The message about ids that were not found; nil when all were.
    func missing(found: Int) -> String? {
        let ids = Set(ids)
        guard !all, found < ids.count else { return nil }
        guard found == 0 else { return "\(ids.count - found) of \(ids.count) ids not found among the dead letters" }
        guard ids.count == 1, let id = ids.first else { return "no dead letter has one of these \(ids.count) ids" }
        return DeadLetterSelection.unknown(id)
    }

    /// The message about an id that no dead letter has.
    static func unknown(_ id: String) -> String { "no dead letter has the id \(id)" }
}
