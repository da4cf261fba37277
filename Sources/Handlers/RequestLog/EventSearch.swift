import Buffer
import Model
import Queue
import WebhookRules

extension RequestContext {
    /// Looks for an event of an app in the queue; fails with 503 when Redis is unavailable.
    func search(for id: String, of app: SentryApp) throws(HTTPFailure) -> QueueSearch {
        guard let places = dependencies.state.places else { return QueueSearch() }
        return try orUnavailable(HTTPFailure.stateUnavailable, places.search(for: id, appID: app.id))
    }
}

extension MergedLog {
    /// The state of the event with these rows; nil when nothing is known of it.
    ///
    /// - Parameters:
    ///   - record: what the archive keeps of attempts, also of those that the log has dropped.
    ///   - search: made before the log was read.
    func state(of rows: [Entry], _ record: ArchivedRecord, _ search: QueueSearch) -> EventState? {
        let attempts = rows.flatMap { entry in
            WebhookRequestPage(bytes: pages[entry.page].bytes, rows: [entry.row], skippedCount: 0).attempts
        }
        return EventState(search, attempts: attempts, details: record.attempts)
    }
}
