package import Buffer
package import Directory
package import Model
package import Queue
package import Redis

/// Removes everything that Redis has of one event: what waits for delivery, the payload with the details of attempts,
/// and the rows of the request log (docs/erasing.md). Used by one thread.
///
/// The queue comes first, so that no worker writes about the event afterwards. A call that fails in the middle is
/// completed by the next one: each step removes what is still there.
package struct EventErasure {
    private let queue: DeliveryQueue
    private let archive: PayloadArchive
    private let log: WebhookRequestBuffer

    package init(queue: DeliveryQueue, archive: PayloadArchive, log: WebhookRequestBuffer) {
        self.queue = queue
        self.archive = archive
        self.log = log
    }

    /// Why an event was not erased.
    package enum Failure: Error, Hashable, Sendable {
        /// The app has no such event, or nothing of it is left.
        case nothingFound
        /// A worker is sending it. Nothing was erased.
        case inProgress
        /// The queue has too many entries to look at all of them. Nothing was erased.
        case queueTooLong
        /// The entry moved in the queue again and again. The payload and the rows are still there.
        case moving
        /// The audit log cannot be written. Nothing was erased.
        case audit(DirectoryError)
        /// - Parameter hasBegun: whether a part may be erased; the same call erases the rest.
        case redis(RedisError, hasBegun: Bool)
    }

    /// What one call has erased.
    package struct Report: Hashable, Sendable {
        /// Rows of the request log; one that is in two lists counts once.
        package var rows: Int
        /// Whether the archive had the event.
        package var hadPayload: Bool
        /// Attempts whose details were kept.
        package var details: Int
        /// The places in the queue.
        package var places: [ErasedPlace]

        package init(rows: Int, hadPayload: Bool, details: Int, places: [ErasedPlace]) {
            self.rows = rows
            self.hadPayload = hadPayload
            self.details = details
            self.places = places
        }
    }

    /// Erases an event of an app.
    ///
    /// - Parameters:
    ///   - events: the types of the log's lists; that which the archive names is added.
    ///   - audit: writes the entry of the audit log, after something was found and before anything is erased.
    package func erase(
        id: String, appID: Int64, events: [EventType], audit: () throws(DirectoryError) -> Void
    ) throws(Failure) -> Report {
        let traces = try reading { () throws(RedisError) in try archive.traces(of: id, appID: appID) }
        let places = try Self.places(
            try reading { () throws(RedisError) in try queue.erasable(id: id, appID: appID) })
        var events = events
        if let event = traces?.event, !events.contains(event) { events.append(event) }
        let rows = try reading { () throws(RedisError) in
            try log.rowCount(of: id, appID: appID, events: events)
        }
        guard traces != nil || !places.isEmpty || rows > 0 else { throw .nothingFound }
        do throws(DirectoryError) {
            try audit()
        } catch {
            throw .audit(error)
        }
        return try remove(id, appID, events)
    }

    private func remove(_ id: String, _ appID: Int64, _ events: [EventType]) throws(Failure) -> Report {
        let erasure = try writing { () throws(RedisError) in try queue.erase(id: id, appID: appID) }
        let places = try Self.places(erasure)
        let traces = try writing { () throws(RedisError) in try archive.erase(id: id, appID: appID) }
        let rows = try writing { () throws(RedisError) in
            try log.eraseRows(of: id, appID: appID, events: events)
        }
        return Report(
            rows: rows, hadPayload: traces != nil, details: traces?.detailsCount ?? 0, places: places)
    }

    private static func places(_ erasure: QueueErasure) throws(Failure) -> [ErasedPlace] {
        switch erasure {
        case .places(let places): return places
        case .inProgress: throw .inProgress
        case .incomplete: throw .queueTooLong
        case .moving: throw .moving
        }
    }

    private func reading<Result>(_ body: () throws(RedisError) -> Result) throws(Failure) -> Result {
        try calling(hasBegun: false, body)
    }

    private func writing<Result>(_ body: () throws(RedisError) -> Result) throws(Failure) -> Result {
        try calling(hasBegun: true, body)
    }

    private func calling<Result>(
        hasBegun: Bool, _ body: () throws(RedisError) -> Result
    ) throws(Failure) -> Result {
        do throws(RedisError) {
            return try body()
        } catch {
            throw .redis(error, hasBegun: hasBegun)
        }
    }
}
