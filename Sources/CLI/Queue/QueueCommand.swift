import ArgumentParser
import Buffer
import Model
import ProgramSupport
import Queue
import Redis
import WireJSON

/// `hookline queue …`
struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Show the delivery queues, and list, redrive or delete dead letters.",
        subcommands: [
            QueueStatus.self, QueueList.self, QueueInspect.self, QueueRedrive.self, QueueDelete.self,
        ])
}

/// The queues of a deployment.
enum QueueName: String, CaseIterable, ExpressibleByArgument {
    /// Webhooks to deliver.
    case events
    /// Mails to send.
    case mail
}

/// The queue of a command.
struct QueueOptions: ParsableArguments {
    @Option(help: "Which queue: events or mail.")
    var queue = QueueName.events

    @OptionGroup var redisOptions: RedisOptions

    /// The queue, not connected yet.
    func deliveryQueue() throws(CommandFailure) -> DeliveryQueue {
        DeliveryQueue(
            connection: try redisOptions.connection(), settings: try CommandDeliverySettings().queue(queue))
    }
}

extension QueueOptions {
    /// Limits that leave no room for the largest event, as `--check` of the programs reports them.
    func limitWarnings() throws(CommandFailure) -> [String] {
        queue == .events ? try CommandDeliverySettings().queue().warnings : []
    }

    /// Why Redis refuses what the programs write; nil when it does not.
    func refusalOfWrites() throws(CommandFailure) -> RedisError? {
        let connection = try redisOptions.connection()
        do throws(RedisError) {
            try StoreSettings.checkWrites(on: connection)
            return nil
        } catch {
            guard case .refused = error else { throw CommandFailure(.unavailable, error.description) }
            return error
        }
    }
}

/// `hookline queue status`
struct QueueStatus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show a queue's depth and age, its workers, and Redis settings that risk losing events.",
        discussion: """
            HOOKLINE_QUEUE_SHARDS must be, and HOOKLINE_QUEUE_MAX_DEPTH and HOOKLINE_QUEUE_MAX_BYTES should be, the \
            same as for workers and responders.

            Examples:
              hookline queue status
              hookline queue status --queue mail --json | jq .dead
            """)

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: QueueOptions

    func run() throws {
        let queue = try options.deliveryQueue()
        let statistics = try reportingRedisErrors(try queue.statistics())
        let hazards = try reportingRedisErrors(try queue.hazards())
        let workers = try options.redisOptions.workers()
        let refusal = try options.refusalOfWrites()
        let report = QueueReport(
            name: queue.settings.name, bound: queue.settings.maximumDepth, byteBound: queue.settings.maximumBytes,
            statistics: statistics, hazards: hazards, workers: workers, refusesWrites: refusal != nil, now: .now())
        try output.write(json: report.json, text: report.text)
        for warning in try options.limitWarnings() { StandardStreams.error.write("hookline: warning: \(warning)\n") }
        // After the report, which can be read nevertheless.
        if let refusal { throw CommandFailure(.unavailable, refusal.description) }
    }
}
