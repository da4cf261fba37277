import ArgumentParser
import Buffer
import Model
import WireJSON

/// `hookline queue status`
struct QueueStatus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how much a queue holds, how old it is, and whether Redis may lose it.",
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
        let statistics = try reportingBufferErrors { () throws(BufferError) in try queue.statistics() }
        let hazards = try reportingBufferErrors { () throws(BufferError) in try queue.hazards() }
        let report = QueueReport(
            name: queue.settings.name, bound: queue.settings.maximumDepth, statistics: statistics, hazards: hazards,
            now: .now())
        try StandardStreams.writeResult(json ? report.json.compactText + "\n" : report.text)
    }
}

/// What a queue holds, as text.
struct QueueReport {
    let name: String
    let bound: Int
    let statistics: QueueStatistics
    let hazards: [QueueHazard]
    let now: Timestamp

    /// For people.
    var text: String {
        let oldest = statistics.oldestDueAt.map { "due for \(Age(from: $0, to: now))" } ?? "-"
        let next = statistics.nextDueAt.map { next in
            next <= now ? "now" : "in \(Age(from: now, to: next)) (\(next.truncatedToSeconds.iso8601Description))"
        }
        let lines = [
            ("queue", name),
            ("waiting", "\(statistics.waiting)"),
            ("pending", "\(statistics.pending)  (handed to a worker, not settled yet)"),
            ("scheduled", "\(statistics.scheduled)  (to be delivered later)"),
            ("depth", "\(statistics.depth) of at most \(bound)"),
            ("dead", "\(statistics.dead)  (given up and kept: hookline queue list)"),
            ("discarded", "\(statistics.discarded)  (dead letters that had to make way)"),
            ("oldest", oldest),
            ("next due", next ?? "-"),
        ]
        let width = lines.map(\.0.count).max() ?? 0
        let table = lines.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value + "\n"
        }
        return table.joined() + hazards.map { "warning: \($0)\n" }.joined()
    }

    /// For programs.
    var json: JSONValue {
        .object([
            .init(name: "queue", value: .string(name)),
            .init(name: "waiting", value: .integer(statistics.waiting)),
            .init(name: "pending", value: .integer(statistics.pending)),
            .init(name: "scheduled", value: .integer(statistics.scheduled)),
            .init(name: "depth", value: .integer(statistics.depth)),
            .init(name: "bound", value: .integer(bound)),
            .init(name: "dead", value: .integer(statistics.dead)),
            .init(name: "discarded", value: .integer(statistics.discarded)),
            .init(
                name: "oldest_age_ms", value: .integer(statistics.oldestAgeMicroseconds(at: now) / 1000)),
            .init(name: "oldest_due_at", value: date(statistics.oldestDueAt)),
            .init(name: "next_due_at", value: date(statistics.nextDueAt)),
            .init(name: "hazards", value: .array(hazards.map { .string($0.description) })),
        ])
    }

    private func date(_ timestamp: Timestamp?) -> JSONValue {
        timestamp.map { .string($0.iso8601Description) } ?? .null
    }
}
