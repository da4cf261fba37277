import Buffer
import Directory
import Management
import Model
import Queue
import Redis
import WebhookRules
import WireJSON

/// `DELETE requests/{id}/`: erases an event from the queue, the archive and the request log.
extension RequestContext {
    func erase(_ id: String, of app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        guard let erasure = dependencies.erasure else { throw .notFound }
        let audit = AuditEntry.Draft.eventErased(id: id, of: app, by: author, at: now())
        let report: EventErasure.Report
        do throws(EventErasure.Failure) {
            report = try erasure.erase(id: id, appID: app.id, events: events.events) { () throws(DirectoryError) in
                try directory.record(audit)
            }
        } catch {
            throw HTTPFailure(error)
        }
        var json = JSONObjectWriter()
        json.append("requestId", text: id)
        json.append("queue", texts: report.places.map(\.rawValue))
        json.append("payload", bool: report.hadPayload)
        json.append("details", number: Int64(report.details))
        json.append("rows", number: Int64(report.rows))
        return EndpointResult(body: json.finish())
    }
}

extension HTTPFailure {
    init(_ failure: EventErasure.Failure) {
        switch failure {
        case .nothingFound: self = HTTPFailure(status: 404, detail: "Nothing of this event is stored.")
        case .inProgress:
            self = HTTPFailure(
                status: 409,
                detail: "A worker is sending the event. Nothing was erased. Try again when the attempt has ended.")
        case .queueTooLong:
            self = .unavailable(
                detail: "The queue has too many events to look at all of them. Nothing was erased. Try again when it "
                    + "is shorter.", cause: "an event cannot be erased: the queue is too long to be searched")
        case .moving:
            self = .unavailable(
                detail: "The event moves in the queue. Its payload and its rows were not erased. Try again in a few "
                    + "seconds.", cause: "an event that moves in the queue was not erased")
        case .audit(let error): self = .directoryUnavailable(error)
        case .redis(let error, hasBegun: false):
            self = .unavailable(
                detail: "The stored events are temporarily unavailable. Nothing was erased. Try again in a few "
                    + "seconds.", cause: error.description)
        case .redis(let error, hasBegun: true):
            self = .unavailable(
                detail: "The event may be erased in part. Try again in a few seconds: that erases the rest.",
                cause: error.description)
        }
    }
}
