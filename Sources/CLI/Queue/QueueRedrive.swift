import ArgumentParser
import Buffer
import Model
import Queue
import Redis

/// `hookline queue redrive`
struct QueueRedrive: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive",
        abstract: "Send dead letters back into the queue, to be delivered at once.",
        discussion: """
            They keep their ids, and their attempts are counted from 1 again. When the queue is full, the rest stays \
            dead and the exit status is 75.

            Examples:
              hookline queue redrive 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6
              hookline queue redrive --all --app release-radar
            """)

    @OptionGroup var selection: DeadLetterSelection
    @OptionGroup var options: QueueOptions
    @OptionGroup var directoryOptions: DirectoryOptions

    func run() throws {
        let appID = try selection.appID(directoryOptions)
        let queue = try options.deliveryQueue()
        let redrive = try reportingRedisErrors { () throws(RedisError) in
            selection.all
                ? try queue.redriveAll(appID: appID, now: .now())
                : try queue.redrive(ids: selection.ids, now: .now())
        }
        try StandardStreams.writeResult("Sent \(redrive.count.counted("dead letter")) back into the queue.\n")
        if redrive.isFull {
            throw CommandFailure(
                .tryLater, "the queue is full: the others stay dead letters. Repeat the command once it is emptier")
        }
        if let remark = selection.remark(found: redrive.count) { throw CommandFailure(.data, remark) }
    }
}
