import Buffer
import Model
import WebhookRules
import WireJSON

/// `requests/{id}/`, a Hookline extension, the same in all releases.
///
/// `GET`: the state of one event, the attempts to deliver it that the log still has, or whose details are kept, newest
/// first, and the event's redeliveries. `DELETE` erases the event.
enum LoggedEventEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let acceptsDelete = true
    static let permission: any Permission.Type = LoggedEventPermission.self

    /// All that rows can have.
    private static let fields: RowFields = [.details, .plainBodies, .requestFields, .organizationID, .truncation]

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        guard let id = context.names.item else { throw .notFound }
        if context.method == .delete { return try context.erase(id, of: app) }
        let search = try context.search(for: id, of: app)
        let events = try context.events(of: app)
        let queries = [false, true].map { context.everyRow(of: app, events, errorsOnly: $0) }
        let log = try MergedLog(queries, filter: LogFilter(window: .always, organizationID: nil, app: app), context)
        let attempts = LoggedEvent(id: id).attempts(among: log.entries, eventCount: events.events.count) {
            ($0.row, log.pages[$0.page].bytes)
        }
        let record = try context.archivedRecord(id: id, of: app)
        var details = KeptDetails(record, of: id, context)
        guard let state = log.state(of: attempts, record, search) else {
            throw HTTPFailure(status: 404, detail: "Nothing of this event is stored.")
        }

        var writer = RequestLogFormatter(
            app: app, events: queries.flatMap(\.events), fields: fields, directory: context.directory)
        let wanted = Array("\"\(id)\"".utf8)
        // Of rows that an idempotency key relates, the details are those of other events.
        let isOwn = attempts.map { log.pages[$0.page].bytes[$0.row.requestID.range].elementsEqual(wanted) }
        let dates = Set(zip(attempts, isOwn).compactMap { $1 ? $0.row.date : nil })
        for (entry, isOwn) in zip(attempts, isOwn) {
            for object in details.objects(newerThan: entry.row.date, besides: dates, app: app) {
                writer.append(object: object)
            }
            let bytes = log.pages[entry.page].bytes
            try writer.append(entry.row, from: bytes.span)
            guard isOwn, let date = entry.row.date, let members = details.members(of: date) else { continue }
            writer.extendLast(members)
        }
        for object in details.objects(newerThan: nil, besides: dates, app: app) { writer.append(object: object) }
        var json = JSONObjectWriter()
        json.append("requestId", text: id)
        json.append("state", json: state.json.serialized(escaping: .unicode))
        json.append("attempts", json: writer.finish())
        json.append("redeliveries", objects: RedeliveryList(of: id, in: log, record).objects)
        return EndpointResult(body: json.finish(), skippedElements: log.skippedCount)
    }
}

extension LogWindow {
    /// All rows that have a date.
    fileprivate static let always = LogWindow(
        start: Timestamp.calendarRange.lowerBound, end: Timestamp.calendarRange.upperBound)
}
