import Buffer
import Model

/// `GET requests/`: the webhook requests made for an app, newest first (docs/protocol.md 2.1).
enum RequestLogEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let permission: any Permission.Type = LogPermission.self
    static let removal: ProtocolChange? = .noRequestsRoute
    static let mayRefuseDisabledApps = true

    /// The default of `start`: 2000-01-01 00:00:00 UTC.
    private static let defaultStart = Timestamp(seconds: 946_684_800)
    private static let invalidDate = "Invalid date format. Format must be YYYY-MM-DD HH:MM:SS."

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        let now = context.now()
        let window = try window(of: context, now: now)
        let events = try context.events(of: app)
        let event = try requestedEvent(of: context, among: events)
        let filter = LogFilter(window: window, organizationID: try organizationID(of: context), app: app)
        let query = WebhookRequestQuery(
            appID: app.id, events: event.map { [$0] } ?? events.events,
            errorsOnly: context.parameters.nonEmpty("errorsOnly") != nil)
        return try context.cachedResult(reading: [query], isTagged: isConditional, at: now) {
            key(of: app, context, event, query, filter)
        } make: { _ throws(HTTPFailure) in
            try result(for: context, app, query, filter)
        }
    }

    private static func result(
        for context: borrowing RequestContext, _ app: SentryApp, _ query: WebhookRequestQuery, _ filter: LogFilter
    ) throws(HTTPFailure) -> EndpointResult {
        let page = try context.readLog(query)
        var writer = RequestLogFormatter(
            app: app, events: query.events, fields: .requests, directory: context.directory)
        writer.reserve(page.bytes.count + page.rows.count * RequestLogFormatter.typicalRowOverhead)
        let bytes = page.bytes.span
        for row in page.rows where filter.includes(row, in: bytes) {
            try writer.append(row, from: bytes)
        }
        return EndpointResult(
            body: writer.finish(), skippedElements: page.skippedCount, expiry: filter.window.nextChange(page.rows))
    }

    private static func key(
        of app: SentryApp, _ context: borrowing RequestContext, _ event: EventType?, _ query: WebhookRequestQuery,
        _ filter: LogFilter
    ) -> ResponseCacheKey {
        var key = ResponseCacheKey(.requests, of: app)
        key.add(context.rules)
        key.add(event?.rawValue)
        key.add(query.errorsOnly)
        // Those of a relay become more.
        if app.relayTargets != nil { key.add(Int64(query.events.count)) }
        key.add(filter.organizationID)
        filter.window.add(to: &key)
        return key
    }

    /// Without `end` the window ends shortly after now, in whole seconds.
    private static func window(of context: borrowing RequestContext, now: Timestamp) throws(HTTPFailure) -> LogWindow {
        let start = try date("start", of: context)
        let end = try date("end", of: context)
        return LogWindow(
            start: start ?? defaultStart, end: end ?? now.truncatedToSeconds.adding(seconds: LogWindow.secondsAhead),
            startAge: nil, endAge: end == nil ? -LogWindow.secondsAhead : nil)
    }

    /// Nil when the parameter is absent; an empty one is invalid.
    private static func date(_ name: String, of context: borrowing RequestContext) throws(HTTPFailure) -> Timestamp? {
        guard let text = context.parameters[name] else { return nil }
        guard let date = PythonDate.strptime(text) else { throw .badRequest(invalidDate) }
        return date
    }

    /// Nil for all events.
    private static func requestedEvent(
        of context: borrowing RequestContext, among events: EventCatalogue
    ) throws(HTTPFailure) -> EventType? {
        guard let name = context.parameters.nonEmpty("eventType") else { return nil }
        let event = EventType(rawValue: name)
        guard events.contains(event) else { throw .badRequest("Invalid event type.") }
        return event
    }

    private static func organizationID(of context: borrowing RequestContext) throws(HTTPFailure) -> Int64? {
        guard let slug = context.parameters.nonEmpty("organizationSlug") else { return nil }
        return try context.organizationID(slug: slug)
    }
}
