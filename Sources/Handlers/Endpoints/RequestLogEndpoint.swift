import Buffer
import Model

/// `GET requests/`: the webhook requests made for an app, newest first (contract 2, as of 23.7.1).
enum RequestLogEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let permission: any Permission.Type = StatisticsPermission.self

    /// The default of `start`: 2000-01-01 00:00:00 UTC.
    private static let defaultStart = Timestamp(seconds: 946_684_800)
    private static let invalidDate = "Invalid date format. Format must be YYYY-MM-DD HH:MM:SS."

    static func respond(to call: AppRequestContext) throws(HTTPFailure) -> Reply {
        let now = call.dependencies.clock.now()
        let window = try window(of: call, now: now)
        let event = try requestedEvent(of: call)
        let filter = LogFilter(window: window, organizationID: try organizationID(of: call), app: call.app)
        let query = WebhookRequestQuery(
            appID: call.app.id, events: event.map { [$0] } ?? call.dependencies.events.events,
            errorsOnly: call.parameters.nonEmpty("errorsOnly") != nil)
        return try call.answer(from: [query], isTagged: isConditional, at: now) {
            key(of: call.app, event, query, filter)
        } make: { (_, basis) throws(HTTPFailure) in
            try reply(to: call, query, filter, basis)
        }
    }

    private static func reply(
        to call: AppRequestContext, _ query: WebhookRequestQuery, _ filter: LogFilter, _ basis: CachedResponseBasis
    ) throws(HTTPFailure) -> Reply {
        let page = try call.readLog(query)
        basis.noteEnd(filter.window.nextChange(page.rows))
        var writer = RequestLogFormatter(
            app: call.app, events: query.events, details: [.bodies, .errorURL],
            references: LogReferences(directory: call.dependencies.directory, basis: basis))
        writer.reserve(page.bytes.count + page.rows.count * RequestLogFormatter.typicalRowOverhead)
        let bytes = page.bytes.span
        for row in page.rows where filter.includes(row, in: bytes) {
            try writer.append(row, from: bytes)
        }
        return Reply(body: writer.finish(), skippedElements: page.skippedCount)
    }

    private static func key(
        of app: SentryApp, _ event: EventType?, _ query: WebhookRequestQuery, _ filter: LogFilter
    ) -> ResponseCacheKey {
        var key = ResponseCacheKey(.requests, of: app)
        key.add(event?.rawValue)
        key.add(query.errorsOnly)
        key.add(filter.organizationID)
        filter.window.add(to: &key)
        return key
    }

    /// Without `end` the window ends now, in whole seconds.
    private static func window(of call: AppRequestContext, now: Timestamp) throws(HTTPFailure) -> LogWindow {
        let start = try date("start", of: call)
        let end = try date("end", of: call)
        return LogWindow(
            start: start ?? defaultStart, end: end ?? now.truncatedToSeconds, startAge: nil,
            endAge: end == nil ? 0 : nil)
    }

    /// Nil when the parameter is absent; present and empty is no date.
    private static func date(_ name: String, of call: AppRequestContext) throws(HTTPFailure) -> Timestamp? {
        guard let text = call.parameters[name] else { return nil }
        guard let date = PythonDate.strptime(text) else { throw .badRequest(invalidDate) }
        return date
    }

    /// Nil for all events.
    private static func requestedEvent(of call: AppRequestContext) throws(HTTPFailure) -> EventType? {
        guard let name = call.parameters.nonEmpty("eventType") else { return nil }
        let event = EventType(rawValue: name)
        guard call.dependencies.events.contains(event) else { throw .badRequest("Invalid event type.") }
        return event
    }

    private static func organizationID(of call: AppRequestContext) throws(HTTPFailure) -> Int64? {
        guard let slug = call.parameters.nonEmpty("organizationSlug") else { return nil }
        return try call.organizationID(slug: slug)
    }
}
