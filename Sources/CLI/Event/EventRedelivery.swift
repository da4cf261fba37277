import Buffer
import Model
import Queue
import Redis

/// Redelivers stored events and prints the result.
final class EventRedelivery {
    private let app: SentryApp
    private let archive: PayloadArchive
    private let submitter: EventSubmitter
    private let isDryRun: Bool
    private var enqueuedCount = 0
    /// Listed events whose payloads have expired.
    private var missingCount = 0
    /// Listed events of which a redelivery has not ended.
    private var pendingCount = 0

    /// Events per page of the archive's list.
    private static let pageSize = 100

    init(app: SentryApp, archive: PayloadArchive, submitter: EventSubmitter, isDryRun: Bool) {
        self.app = app
        self.archive = archive
        self.submitter = submitter
        self.isDryRun = isDryRun
    }

    /// Redelivers these events and prints their new ids, one per line.
    ///
    /// - Throws: `data` when one is not kept, before any is enqueued; `tryLater` when the queue is full.
    func redeliver(ids: [String]) throws(CommandFailure) {
        let events = try ids.map { id throws(CommandFailure) in
            guard let event = try event(id) else {
                throw CommandFailure(
                    .data,
                    "no stored event of \(app.slug): \(id)\(isDryRun ? "" : ". Nothing was redelivered")")
            }
            return event
        }
        for event in events where !isDryRun {
            switch try submitter.redeliver(event) {
            case .accepted(let id), .duplicate(let id): try StandardStreams.writeResult(id + "\n", of: .change)
            case .full(let limit):
                throw .queueIsFull(limit, "stopped before event \(event.id)")
            }
        }
        if isDryRun { try StandardStreams.writeResult("\(events.count.counted("event")) would be redelivered.\n") }
    }

    /// Redelivers the events of a time range, oldest first, and prints the count.
    func redeliver(_ query: ArchiveQuery, limit: Int?, now: Timestamp) throws(CommandFailure) {
        var cursor: ArchivePage.Cursor?
        var left = limit ?? Int.max
        repeat {
            let count = min(EventRedelivery.pageSize, left)
            let page = try reportingRedisErrors(try archive.events(query, now: now, after: cursor, count: count))
            for item in page.events { try redeliver(item, isFailure: query.errorsOnly) }
            left -= page.events.count
            cursor = page.next
        } while cursor != nil && left > 0
        try StandardStreams.writeResult(summary + ".\n", of: isDryRun ? .reading : .change)
    }

    /// - Parameter isFailure: whether it is redelivered because it failed: then once for each time that it failed.
    private func redeliver(_ item: ArchivePage.Item, isFailure: Bool) throws(CommandFailure) {
        guard let event = try event(item.id) else {
            missingCount += 1
            return
        }
        if isDryRun {
            enqueuedCount += 1
            return
        }
        let key = isFailure ? event.failureKey : nil
        switch try submitter.redeliver(event, idempotencyKey: key) {
        case .accepted: enqueuedCount += 1
        case .duplicate: pendingCount += 1
        case .full(let limit):
            try StandardStreams.writeResult(summary + ".\n", of: .change)
            throw .queueIsFull(
                limit,
                "stopped before event \(item.id). Continue later with --since \(item.enqueuedAt.iso8601Description)")
        }
    }

    private var summary: String {
        let result = "\(enqueuedCount.counted("event")) of \(app.slug) \(isDryRun ? "would be " : "")redelivered"
        let pending = pendingCount == 0 ? "" : ", \(pendingCount) queued before"
        return result + pending + (missingCount == 0 ? "" : ", \(missingCount) expired")
    }

    private func event(_ id: String) throws(CommandFailure) -> ArchivedEvent? {
        try reportingRedisErrors(try archive.event(id: id, appID: app.id))
    }
}

extension EventSubmitter {
    /// Enqueues a stored event again, as a new one that refers to it.
    ///
    /// - Parameter idempotencyKey: nothing is enqueued when the event was redelivered with this key before.
    func redeliver(
        _ event: ArchivedEvent, idempotencyKey: String? = nil
    ) throws(CommandFailure) -> Outcome {
        guard let entry = event.redelivery(id: EventIDSource.random.next(), at: .now()) else {
            throw CommandFailure(.unavailable, "the stored payload of event \(event.id) is invalid")
        }
        let key = idempotencyKey.flatMap { IdempotencyKey($0, scope: .redelivery(of: event.id)) }
        return try enqueue(entry, idempotencyKey: key)
    }
}
