import Buffer
import Model

/// `GET requests/`: the webhook requests made for an app, newest first (contract 2, as of 23.7.1).
enum RequestLogEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let permission: any Permission.Type = StatisticsPermission.self

    /// The default of `start`: 2000-01-01 00:00:00 UTC.
    private static let defaultStart = Timestamp(seconds: 946_684_800)
    private static let invalidDate = "Invalid date format. Format must be YYYY-MM-DD HH:MM:SS."

    static func respond(to call: AppCall) throws(HTTPFailure) -> Reply {
        let start = try date("start", of: call) ?? defaultStart
        let end = try date("end", of: call) ?? call.dependencies.clock.now().truncatedToSeconds
        let events = try requestedEvents(of: call)
        let filter = LogFilter(start: start, end: end, organizationID: try organizationID(of: call), app: call.app)

        let query = WebhookRequestQuery(
            appID: call.app.id, events: events, errorsOnly: call.parameters.nonEmpty("errorsOnly") != nil)
        let page = try call.readLog(query)
        var writer = LogWriter(
            app: call.app, events: events, details: [.bodies, .errorURL],
            references: LogReferences(directory: call.dependencies.directory))
        writer.reserve(page.bytes.count + page.rows.count * LogWriter.typicalRowOverhead)
        let bytes = page.bytes.span
        for row in page.rows where filter.includes(row, in: bytes) {
            try writer.append(row, from: bytes)
        }
        return Reply(body: writer.finish(), skippedElements: page.skippedCount)
    }

    /// Nil when the parameter is absent; present and empty is no date.
    private static func date(_ name: String, of call: AppCall) throws(HTTPFailure) -> Timestamp? {
        guard let text = call.parameters[name] else { return nil }
        guard let date = PythonDate.strptime(text) else { throw .badRequest(invalidDate) }
        return date
    }

    private static func requestedEvents(of call: AppCall) throws(HTTPFailure) -> [EventType] {
        guard let name = call.parameters.nonEmpty("eventType") else { return call.dependencies.events.events }
        let event = EventType(rawValue: name)
        guard call.dependencies.events.contains(event) else { throw .badRequest("Invalid event type.") }
        return [event]
    }

    private static func organizationID(of call: AppCall) throws(HTTPFailure) -> Int64? {
        guard let slug = call.parameters.nonEmpty("organizationSlug") else { return nil }
        return try call.organizationID(slug: slug)
    }
}
