import Buffer
import Model
import WebhookRules
import WireJSON

/// `GET requests/{id}/`: the state of one event and the attempts to deliver it that the log still has, newest first. A
/// Hookline extension, the same in all releases.
enum LoggedEventEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let permission: any Permission.Type = LogPermission.self

    /// All that rows can have.
    private static let fields: RowFields = [.details, .plainBodies, .requestFields, .organizationID, .truncation]

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        guard let id = context.names.item else { throw .notFound }
        let search = try context.search(for: id, of: app)
        let queries = [false, true].map { context.everyRow(of: app, errorsOnly: $0) }
        let log = try MergedLog(queries, filter: LogFilter(window: .always, organizationID: nil, app: app), context)
        let attempts = LoggedEvent(id: id).attempts(among: log.entries, eventCount: context.events.events.count) {
            ($0.row, log.pages[$0.page].bytes)
        }
        guard let state = log.state(of: attempts, search) else { throw .notFound }

        var writer = RequestLogFormatter(
            app: app, events: queries.flatMap(\.events), fields: fields, directory: context.directory)
        for entry in attempts {
            let bytes = log.pages[entry.page].bytes
            try writer.append(entry.row, from: bytes.span)
        }
        var json = JSONObjectWriter()
        json.append("requestId", text: id)
        json.append("state", json: state.json.serialized(escaping: .unicode))
        json.append("attempts", json: writer.finish())
        return EndpointResult(body: json.finish(), skippedElements: log.skippedCount)
    }
}

extension LogWindow {
    /// All rows that have a date.
    fileprivate static let always = LogWindow(
        start: Timestamp.calendarRange.lowerBound, end: Timestamp.calendarRange.upperBound)
}
