import Buffer
import Model
import Queue
import WireJSON

/// What a queue holds, as text.
struct QueueReport {
    let name: String
    let bound: Int
    let statistics: QueueStatistics
    let hazards: [QueueHazard]
    /// Those that are alive.
    let workers: [WorkerReport]
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
            ("workers", workers.isEmpty ? "none is alive: nothing is sent" : "\(workers.count) alive"),
        ]
        let width = lines.map(\.0.count).max() ?? 0
        let table = lines.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value + "\n"
        }
        return table.joined() + workerTable + hazards.map { "warning: \($0)\n" }.joined()
    }

    private var workerTable: String {
        guard !workers.isEmpty else { return "" }
        var table = TextTable(header: ["WORKER", "VERSION", "RUNNING", "UNDER WAY", "SEEN"])
        for worker in workers {
            table.append([
                worker.consumer, worker.version.isEmpty ? "-" : worker.version,
                "for \(Age(from: worker.startedAt, to: now))", String(worker.inFlight),
                "\(Age(from: worker.lastSeenAt, to: now)) ago",
            ])
        }
        return "\n" + table.text + "\n"
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
            .init(name: "workers", value: .array(workers.map(json))),
        ])
    }

    private func json(_ worker: WorkerReport) -> JSONValue {
        .object([
            .init(name: "consumer", value: .string(worker.consumer)),
            .init(name: "version", value: .string(worker.version)),
            .init(name: "started_at", value: date(worker.startedAt)),
            .init(name: "in_flight", value: .integer(worker.inFlight)),
            .init(name: "last_seen_at", value: date(worker.lastSeenAt)),
        ])
    }

    private func date(_ timestamp: Timestamp?) -> JSONValue {
        timestamp.map { .string($0.iso8601Description) } ?? .null
    }
}
