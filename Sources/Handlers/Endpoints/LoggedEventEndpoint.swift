import Buffer
import Model
import WireJSON

/// `GET requests/{id}/`: the attempts to deliver one event that the log still has, newest first. A Hookline extension,
/// the same in all releases.
enum LoggedEventEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let permission: any Permission.Type = LogPermission.self

    /// All that rows can have.
    private static let fields: RowFields = [.details, .plainBodies, .requestFields, .organizationID, .truncation]

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        guard let id = context.names.item else { throw .notFound }
        let queries = [false, true].map { context.everyRow(of: app, errorsOnly: $0) }
        let log = try MergedLog(queries, filter: LogFilter(window: .always, organizationID: nil, app: app), context)
        let attempts = attempts(of: id, in: log, eventCount: context.events.events.count)
        guard !attempts.isEmpty else { throw .notFound }

        var writer = RequestLogFormatter(
            app: app, events: queries.flatMap(\.events), fields: fields, directory: context.directory)
        for entry in attempts {
            let bytes = log.pages[entry.page].bytes
            try writer.append(entry.row, from: bytes.span)
        }
        var json = JSONObjectWriter()
        json.append("requestId", text: id)
        json.append("attempts", json: writer.finish())
        return EndpointResult(body: json.finish(), skippedElements: log.skippedCount)
    }

    /// What a row has without an idempotency key: nothing, `null` or an empty text.
    private static let noKeys: Set<[UInt8]> = [[], Array("null".utf8), Array("\"\"".utf8)]

    /// The rows with this request id, and those with the same idempotency key: in the original each attempt has a
    /// request id of its own. A row that is in both lists counts once.
    private static func attempts(of id: String, in log: MergedLog, eventCount: Int) -> [MergedLog.Entry] {
        let text = { (entry: MergedLog.Entry, field: WebhookRequestRow.Fragment) in
            Array(log.pages[entry.page].bytes[field.range])
        }
        let wanted = Array("\"\(id)\"".utf8)
        let isNamed = { (entry: MergedLog.Entry) in text(entry, entry.row.requestID) == wanted }
        let keys = Set(log.entries.filter(isNamed).map { text($0, $0.row.idempotencyKey) }).subtracting(noKeys)
        var seen = Set<[[UInt8]]>()
        return log.entries.filter { entry in
            guard isNamed(entry) || keys.contains(text(entry, entry.row.idempotencyKey)) else { return false }
            let event = Array(String(entry.row.eventIndex % eventCount).utf8)
            let row = entry.row
            return seen.insert([event] + [row.dateText, row.requestID, row.attempt].map { text(entry, $0) }).inserted
        }
    }
}

extension LogWindow {
    /// All rows that have a date.
    fileprivate static let always = LogWindow(
        start: Timestamp.calendarRange.lowerBound, end: Timestamp.calendarRange.upperBound)
}
