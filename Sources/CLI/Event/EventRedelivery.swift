import Buffer
import Model
import Queue
import Redis

/// Sends kept events again, and says what became of it.
final class EventRedelivery {
    private let app: SentryApp
    private let archive: PayloadArchive
    private let submitter: EventSubmitter
    private let isDryRun: Bool
    private var sentCount = 0
    /// In the list, but their payloads are gone.
    private var missingCount = 0

    /// Events that one look into the archive lists.
    private static let pageSize = 100

    init(app: SentryApp, archive: PayloadArchive, submitter: EventSubmitter, isDryRun: Bool) {
        self.app = app
        self.archive = archive
        self.submitter = submitter
        self.isDryRun = isDryRun
    }

    /// Sends the named ones and prints their new ids, one a line.
    ///
    /// - Throws: `data` when one is not kept, before any is sent; `tryLater` when the queue is full.
    func resend(ids: [String]) throws(CommandFailure) {
        let events = try ids.map { id throws(CommandFailure) in
            guard let event = try event(id) else {
                throw CommandFailure(
                    .data,
                    "the event \"\(id)\" of \(app.slug) is not kept (any more)\(isDryRun ? "" : ": nothing was sent")")
            }
            return event
        }
        for event in events where !isDryRun {
            let outcome = try submit(event)
            switch outcome {
            case .accepted(let id), .repeated(let id): try StandardStreams.writeResult(id + "\n")
            case .full(let depth, let bound):
                throw .queueIsFull(depth: depth, bound: bound, "stopped before the event \(event.id)")
            }
        }
        if isDryRun { try StandardStreams.writeResult("\(events.count.counted("event")) would be sent again.\n") }
    }

    /// Sends those of a window, the oldest first, and prints how many.
    func resend(_ query: ArchiveQuery, limit: Int?, now: Timestamp) throws(CommandFailure) {
        var cursor: ArchivePage.Cursor?
        var left = limit ?? Int.max
        repeat {
            let count = min(EventRedelivery.pageSize, left)
            let page = try reportingRedisErrors { () throws(RedisError) in
                try archive.events(query, now: now, after: cursor, count: count)
            }
            for item in page.events { try resend(item) }
            left -= page.events.count
            cursor = page.next
        } while cursor != nil && left > 0
        try StandardStreams.writeResult(summary + ".\n")
    }

    private func resend(_ item: ArchivePage.Item) throws(CommandFailure) {
        guard let event = try event(item.id) else {
            missingCount += 1
            return
        }
        if isDryRun {
            sentCount += 1
            return
        }
        switch try submit(event) {
        case .accepted, .repeated: sentCount += 1
        case .full(let depth, let bound):
            try StandardStreams.writeResult(summary + ".\n")
            throw .queueIsFull(
                depth: depth, bound: bound,
                "stopped before the event \(item.id). Go on later with --since \(item.enqueuedAt.iso8601Description)")
        }
    }

    private var summary: String {
        let what = "\(sentCount.counted("event")) of \(app.slug) \(isDryRun ? "would be " : "")sent again"
        return missingCount == 0 ? what : what + ", \(missingCount) not kept any more"
    }

    private func event(_ id: String) throws(CommandFailure) -> ArchivedEvent? {
        try reportingRedisErrors { () throws(RedisError) in try archive.event(id: id, appID: app.id) }
    }

    private func submit(_ event: ArchivedEvent) throws(CommandFailure) -> EventSubmitter.Outcome {
        guard var payload = QueuedEvent(bytes: event.payload) else {
            throw CommandFailure(.unavailable, "the payload kept of the event \(event.id) cannot be read")
        }
        payload.originalID = event.id
        return try submitter.enqueue(payload, appID: app.id)
    }
}
