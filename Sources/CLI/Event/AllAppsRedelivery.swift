import Directory
import Model
import Queue

/// Redelivers the stored events of a time range, of all apps, and prints the result.
final class AllAppsRedelivery {
    private let directory: any DirectoryDatabase
    private let submitter: EventSubmitter
    private let isDryRun: Bool
    private let errorsOnly: Bool
    private let end: Timestamp

    private enum AppState {
        case present, deleted
        case disabled(slug: String)
    }

    private var apps: [Int64: AppState] = [:]
    private var redeliveredCount = 0
    private var redeliveredApps = Set<Int64>()
    /// Events that were redelivered before, by this run or, with `errorsOnly`, by any.
    private var earlierCount = 0
    private var expiredCount = 0
    private var unreadableCount = 0
    private var deletedCount = 0
    private var disabledCounts: [String: Int] = [:]

    /// Disabled apps that are named.
    private static let namedApps = 10

    /// - Parameter end: that of the time range: a run of all apps that is repeated with the same one redelivers each
    ///   event once.
    init(
        directory: any DirectoryDatabase, submitter: EventSubmitter, isDryRun: Bool, errorsOnly: Bool, end: Timestamp
    ) {
        self.directory = directory
        self.submitter = submitter
        self.isDryRun = isDryRun
        self.errorsOnly = errorsOnly
        self.end = end
    }

    /// Redelivers up to `limit` events, and prints the counts also when it has to stop.
    ///
    /// - Throws: `tryLater` when the queue, or an app's share of it, is full.
    func redeliver(_ events: StoredEvents, limit: Int?) throws(CommandFailure) {
        var left = limit ?? .max
        var next: StoredEvents.Found?
        do throws(CommandFailure) {
            while left > 0, let found = try events.next() {
                next = found
                try redeliver(found)
                left -= 1
            }
        } catch {
            try StandardStreams.writeResult(summary + ".\n", of: isDryRun ? .reading : .change)
            guard let next else { throw error }
            let advice =
                "Continue later with --since \(next.item.enqueuedAt.iso8601Description) "
                + "--until \(end.iso8601Description)"
            throw CommandFailure(error.status, "\(error.message). \(advice)")
        }
        try StandardStreams.writeResult(summary + ".\n", of: isDryRun ? .reading : .change)
    }

    private func redeliver(_ found: StoredEvents.Found) throws(CommandFailure) {
        let appID = found.item.appID
        switch try state(ofApp: appID) {
        case .deleted: deletedCount += 1
        case .disabled(let slug): disabledCounts[slug, default: 0] += 1
        case .present:
            guard let event = found.event else {
                expiredCount += 1
                return
            }
            guard event.isReadable else {
                unreadableCount += 1
                return
            }
            let key = errorsOnly ? event.failureKey : "run-\(end.microseconds)"
            guard !isDryRun else { return note(appID) }
            switch try submitter.redeliver(event, idempotencyKey: key) {
            case .accepted: note(appID)
            case .duplicate: earlierCount += 1
            case .full(let limit): throw .queueIsFull(limit, "stopped before event \(found.item.id)")
            }
        }
    }

    private func note(_ appID: Int64) {
        redeliveredCount += 1
        redeliveredApps.insert(appID)
    }

    private func state(ofApp id: Int64) throws(CommandFailure) -> AppState {
        if let known = apps[id] { return known }
        let app = try reportingDirectoryErrors(try directory.app(id: id))
        let state: AppState =
            if let app { app.disablement == nil ? .present : .disabled(slug: app.slug) } else { .deleted }
        apps[id] = state
        return state
    }

    private var summary: String {
        let verb = isDryRun ? "would be redelivered" : "redelivered"
        var parts = [
            "\(redeliveredCount.counted("event")) of \(redeliveredApps.count.counted("app")) \(verb)"
        ]
        if earlierCount > 0 { parts.append("\(earlierCount) redelivered before") }
        if expiredCount > 0 { parts.append("\(expiredCount) expired") }
        if unreadableCount > 0 { parts.append("\(unreadableCount) with a payload that cannot be read") }
        let disabledCount = disabledCounts.values.reduce(0, +)
        if disabledCount > 0 {
            let slugs = disabledCounts.keys.sorted()
            let names = slugs.prefix(Self.namedApps).joined(separator: ", ")
            parts.append(
                "\(disabledCount) of disabled apps (\(names)\(slugs.count > Self.namedApps ? ", …" : ""))")
        }
        if deletedCount > 0 { parts.append("\(deletedCount) of deleted apps") }
        return parts.joined(separator: ", ")
    }
}
