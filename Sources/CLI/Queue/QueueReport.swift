import Model
import Queue
import WireJSON

/// The state of a queue and of the workers.
struct QueueReport {
    let name: String
    /// The limits for entries and for bytes.
    let bound: Int
    let byteBound: Int
    let statistics: QueueStatistics
    let hazards: [QueueHazard]
    /// The live workers.
    let workers: [WorkerReport]
    /// Whether Redis refuses writes, so that workers cannot report.
    let refusesWrites: Bool
    let now: Timestamp

    /// The human-readable form.
    var text: String {
        let now = statistics.readAt ?? now
        let oldest = statistics.oldestDueAt.map { "due for \(Age(from: $0, to: now))" } ?? "-"
        let next = statistics.nextDueAt.map { next in
            next <= now ? "now" : "in \(Age(from: now, to: next)) (\(next.truncatedToSeconds.iso8601Description))"
        }
        let lines = [
            ("queue", name),
            ("waiting", "\(statistics.waiting)"),
            ("in progress", "\(statistics.pending)  (received by a worker)"),
            ("scheduled", "\(statistics.scheduled)  (due later)"),
            ("limited", "\(statistics.limitedCount) of at most \(bound)  (waiting or in progress)"),
            ("memory", "\(statistics.byteCount) of at most \(byteBound) bytes  (dead letters included)"),
            ("dead letters", "\(statistics.dead)  (see hookline queue list)"),
            ("discarded", "\(statistics.discarded)  (dead letters discarded because a limit was reached)"),
            ("oldest", oldest),
            ("next due", next ?? "-"),
            ("workers", workerSummary),
        ]
        let warnings = pauses + hazards.map(\.description) + skews
        return TextTable.fields(lines) + workerTable + warnings.map { "warning: \($0)\n" }.joined()
    }

    private var pauses: [String] {
        workers.compactMap { worker in
            worker.pauseReason.map { "worker \(worker.consumer) sends nothing: outcomes cannot be recorded: \($0)" }
        }
    }

    private var skews: [String] {
        workers.compactMap { worker in
            worker.clockDifference.map { "the clock of worker \(worker.consumer) is \($0)" }
        }
    }

    private var workerSummary: String {
        if !workers.isEmpty { return "\(workers.count) running" }
        if refusesWrites { return "unknown: Redis refuses their reports" }
        return statistics.readers > 0
            ? "\(statistics.readers) reading the queue, but none can report: Redis may refuse their reports"
            : "none running: nothing is delivered"
    }

    private var workerTable: String {
        guard !workers.isEmpty else { return "" }
        var table = TextTable(header: ["WORKER", "VERSION", "UPTIME", "IN PROGRESS", "LAST HEARTBEAT"])
        for worker in workers {
            table.append([
                worker.consumer, worker.version.isEmpty ? "-" : worker.version,
                "\(Age(from: worker.startedAt, to: now))", String(worker.inFlight),
                "\(Age(from: worker.lastSeenAt, to: now)) ago",
            ])
        }
        return "\n" + table.text + "\n"
    }

    /// The JSON form.
    var json: JSONValue {
        .object([
            .init(name: "queue", value: .string(name)),
            .init(name: "waiting", value: .integer(statistics.waiting)),
            .init(name: "pending", value: .integer(statistics.pending)),
            .init(name: "scheduled", value: .integer(statistics.scheduled)),
            .init(name: "depth", value: .integer(statistics.depth)),
            .init(name: "bound", value: .integer(bound)),
            .init(name: "bytes", value: .integer(statistics.byteCount)),
            .init(name: "bytes_bound", value: .integer(byteBound)),
            .init(name: "dead", value: .integer(statistics.dead)),
            .init(name: "discarded", value: .integer(statistics.discarded)),
            .init(
                name: "oldest_age_ms", value: .integer(statistics.oldestAgeMicroseconds(at: now) / 1000)),
            .init(name: "oldest_due_at", value: date(statistics.oldestDueAt)),
            .init(name: "next_due_at", value: date(statistics.nextDueAt)),
            .init(name: "hazards", value: .array(hazards.map { .string($0.description) })),
            .init(name: "workers", value: .array(workers.map(json))),
        ])
    }

    private func json(_ worker: WorkerReport) -> JSONValue {
        .object([
            .init(name: "consumer", value: .string(worker.consumer)),
            .init(name: "version", value: .string(worker.version)),
            .init(name: "started_at", value: date(worker.startedAt)),
            .init(name: "in_flight", value: .integer(worker.inFlight)),
            .init(name: "paused", value: worker.pauseReason.map { .string($0) } ?? .null),
            .init(name: "last_seen_at", value: date(worker.lastSeenAt)),
            .init(
                name: "clock_offset_ms", value: worker.clockOffsetMilliseconds.map { .integer(Int($0)) } ?? .null),
        ])
    }

    private func date(_ timestamp: Timestamp?) -> JSONValue {
        timestamp.map { .string($0.iso8601Description) } ?? .null
    }
}
