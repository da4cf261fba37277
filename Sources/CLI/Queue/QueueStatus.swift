import ArgumentParser
import Buffer
import Model
import Queue
import Redis

/// `hookline queue status`
struct QueueStatus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how much a queue holds, how old it is, who works on it, and whether Redis may lose it.",
        discussion: """
            The number of shards and the bound are those of HOOKLINE_QUEUE_SHARDS and HOOKLINE_QUEUE_MAX_DEPTH, which \
            must be what the workers and responders have.

            Examples:
              hookline queue status
              hookline queue status --queue mail --json | jq .dead
            """)

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var options: QueueOptions

    func run() throws {
        let queue = try options.deliveryQueue()
        let statistics = try reportingRedisErrors { () throws(RedisError) in try queue.statistics() }
        let hazards = try reportingRedisErrors { () throws(RedisError) in try queue.hazards() }
        let workers = try options.redisOptions.workers()
        let report = QueueReport(
            name: queue.settings.name, bound: queue.settings.maximumDepth, statistics: statistics, hazards: hazards,
            workers: workers, now: .now())
        try StandardStreams.writeResult(json ? report.json.compactText + "\n" : report.text)
    }
}
