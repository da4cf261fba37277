import ArgumentParser
import Buffer
import Model
import Queue
import Redis

/// `hookline queue delete`
struct QueueDelete: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete dead letters for good.",
        discussion: """
            Their payloads are gone then, unless the archive still has them ('hookline event show').

            Examples:
              hookline queue delete 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6
              hookline queue delete --all --app release-radar --yes
            """)

    @OptionGroup var selection: DeadLetterSelection

    @Flag(help: "Do not ask: needed with --all.")
    var yes = false

    @OptionGroup var options: QueueOptions
    @OptionGroup var directoryOptions: DirectoryOptions

    func validate() throws {
        guard !selection.all || yes else {
            throw ValidationError("--all deletes them for good: add --yes if that is what you want")
        }
    }

    func run() throws {
        let appID = try selection.appID(directoryOptions)
        let queue = try options.deliveryQueue()
        let count = try reportingRedisErrors { () throws(RedisError) in
            selection.all
                ? try queue.deleteAllDeadLetters(appID: appID, now: .now())
                : try queue.deleteDeadLetters(ids: selection.ids)
        }
        try StandardStreams.writeResult("Deleted \(count.counted("dead letter")).\n")
        if let remark = selection.remark(found: count) { throw CommandFailure(.data, remark) }
    }
}
