import Buffer
import Model
import Queue
import WebhookRules
import WireJSON

/// What the payload archive keeps of an event's attempts, to be shown beside the rows of the log.
struct KeptDetails {
    private let id: String
    private let record: ArchivedRecord
    private let requestBody: [UInt8]?
    private let bodyLimit: Int
    /// Index of the newest attempt that was not shown yet.
    private var next = 0

    init(_ record: ArchivedRecord, of id: String, _ context: borrowing RequestContext) {
        self.id = id
        self.record = record
        let names = context.dependencies.diagnosis.plan.names
        requestBody = record.attempts.isEmpty ? nil : record.event.flatMap { $0.webhookBody(names) }
        bodyLimit = context.dependencies.eventLimits.detailsBytes
    }

    /// The objects of attempts that the log has no row of, in the order of their dates, newest first.
    ///
    /// - Parameter date: only of those that are newer; nil: of all that are left.
    mutating func objects(
        newerThan date: Timestamp?, besides rows: Set<Timestamp>, app: SentryApp
    ) -> [[UInt8]] {
        var objects: [[UInt8]] = []
        while next < record.attempts.count {
            let details = record.attempts[next]
            if let date, details.date <= date { break }
            next += 1
            if !rows.contains(details.date) { objects.append(object(of: details, app)) }
        }
        return objects
    }

    /// The members of the row of an attempt, without braces; nil when no details are kept of it.
    func members(of date: Timestamp) -> [UInt8]? {
        guard let details = record.attempts.first(where: { $0.date == date }) else { return nil }
        let object = JSONValue.object(details.jsonMembers(requestBody: requestBody, bodyLimit: bodyLimit))
        return Array(object.serialized(escaping: .unicode).dropFirst().dropLast())
    }

    private func object(of details: AttemptDetails, _ app: SentryApp) -> [UInt8] {
        var json = JSONObjectWriter()
        json.append("webhookUrl", text: details.url)
        json.append("sentryAppSlug", text: app.slug)
        json.append("eventType", text: record.event?.event.rawValue)
        json.append("date", text: details.date.pythonDescription)
        json.append("responseCode", number: Int64(details.code))
        json.append("requestId", text: id)
        json.append("idempotencyKey", text: nil)
        json.append("subjectId", text: nil)
        json.append("subjectType", text: nil)
        if let duration = details.durationMilliseconds {
            json.append("durationMs", number: Int64(duration))
        } else {
            json.append("durationMs", text: nil)
        }
        json.append("attempt", number: Int64(details.attempt))
        if let reason = details.reason { json.append("reason", text: reason) }
        if let detail = details.reasonDetail { json.append("reasonDetail", text: detail) }
        json.append(details.jsonMembers(requestBody: requestBody, bodyLimit: bodyLimit))
        return json.finish()
    }
}

extension RequestContext {
    /// What the archive has of an event; nothing where payloads are not kept, or the id is none.
    func archivedRecord(id: String, of app: SentryApp) throws(HTTPFailure) -> ArchivedRecord {
        guard dependencies.eventLimits.payloadSeconds > 0, QueueEntry.isID(id) else { return ArchivedRecord() }
        return try orUnavailable(HTTPFailure.payloadsUnavailable, dependencies.payloads.record(id: id, appID: app.id))
    }
}
