import Buffer
import Model

/// `GET webhook-requests/`: the newer form of the request log (docs/protocol.md 2.9), with paging
/// (docs/compatibility.md D9).
enum WebhookRequestsEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let isConditional = true
    static let permission: any Permission.Type = LogPermission.self
    static let mayRefuseDisabledApps = true

    /// The rows of a group that the original returns.
    private static let rowsPerGroup = 100

    /// A parameter of Hookline: with the value `bodies` rows have headers and bodies as those of `requests/` do, where
    /// the release's rows have none (docs/compatibility.md D26).
    private static let expansion = (parameter: "expand", value: "bodies")

    /// Of a search: the number of rows of which payload and details were not searched, unless it is zero.
    private static let partlySearchedHeader = "Hookline-Partly-Searched"

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        let now = context.now()
        let events = try context.events(of: app)
        let query = try WebhookRequestsQuery(context.parameters, events: events, now: now)
        let organizationID = try query.organizationSlug.map { (slug) throws(HTTPFailure) in
            try context.organizationID(slug: slug)
        }
        // A search looks at more rows than one response should have.
        let paging =
            try Paging(context.parameters)
            ?? query.search.map { _ in Paging(rowsPerPage: Paging.maximumRowsPerPage, offset: 0) }
        let filter = LogFilter(window: query.window, organizationID: organizationID, app: app)
        if let text = query.search {
            // Payloads change without a change of the log, so the result is not cached.
            return try result(for: context, app, lists(query, of: app, events, context), filter, paging, text)
        }
        return try context.cachedResult(
            reading: lists(query, of: app, events, context), isTagged: isConditional, at: now
        ) {
            key(of: app, events, context, query, filter, paging)
        } make: { lists throws(HTTPFailure) in
            try result(for: context, app, lists, filter, paging)
        }
    }

    private static func result(
        for context: borrowing RequestContext, _ app: SentryApp, _ lists: [WebhookRequestQuery], _ filter: LogFilter,
        _ paging: Paging?, _ text: SearchText? = nil
    ) throws(HTTPFailure) -> EndpointResult {
        var log = try MergedLog(lists, filter: filter, context)
        let events = lists.flatMap(\.events)
        var headers: [(name: String, value: String)] = []
        var partlySearched = ""
        if let text {
            let count = try log.keepRows(with: text, events: events, of: app, context)
            partlySearched = String(count)
            if count > 0 { headers.append((partlySearchedHeader, partlySearched)) }
        }
        var writer = RequestLogFormatter(
            app: app, events: events, fields: fields(context), directory: context.directory)
        writer.reserve(log.byteCount)
        for entry in log.entries[paging?.range(of: log.entries.count) ?? log.entries.indices] {
            let bytes = log.pages[entry.page].bytes
            try writer.append(entry.row, from: bytes.span)
        }
        if let paging {
            let link = try paging.link(
                rowCount: log.entries.count, path: "/api/0/sentry-apps/\(app.slug)/webhook-requests/",
                request: context.request, parameters: context.parameters)
            headers.append(("Link", link))
        }
        let body = writer.finish()
        // A response that differs in the header alone is another one.
        let tag = text.map { _ in EntityTag(of: body + partlySearched.utf8) }
        return EndpointResult(
            body: body, headers: headers, tag: tag, skippedElements: log.skippedCount,
            expiry: log.pages.compactMap { filter.window.nextChange($0.rows) }.min())
    }

    private static func fields(_ context: borrowing RequestContext) -> RowFields {
        let fields = RowFields.webhookRequests(under: context.rules)
        return showsBodies(context) ? fields.union(.bodies) : fields
    }

    private static func showsBodies(_ context: borrowing RequestContext) -> Bool {
        context.parameters[expansion.parameter] == expansion.value
    }

    private static func key(
        of app: SentryApp, _ events: EventCatalogue, _ context: borrowing RequestContext,
        _ query: WebhookRequestsQuery, _ filter: LogFilter, _ paging: Paging?
    ) -> ResponseCacheKey {
        var key = ResponseCacheKey(.webhookRequests, of: app)
        key.add(context.rules)
        key.add(showsBodies(context))
        key.add(query.event?.rawValue)
        key.add(query.errorsOnly)
        // Those of a relay become more.
        if app.relayTargets != nil { key.add(Int64(events.events.count)) }
        key.add(filter.organizationID)
        filter.window.add(to: &key)
        guard let paging else { return key }
        // The links to other pages contain these.
        key.add(Int64(paging.rowsPerPage))
        key.add(Int64(paging.offset))
        key.add(context.request.host)
        key.add(context.request.isSecure)
        key.add(context.parameters.encoded(excluding: "cursor"))
        return key
    }

    /// Groups of lists that are merged and cut to 100 rows separately: the original stores the events of installations
    /// apart from the others, so a busy app's other events never displace them. A search looks at all rows.
    private static func lists(
        _ query: WebhookRequestsQuery, of app: SentryApp, _ events: EventCatalogue, _ context: borrowing RequestContext
    ) -> [WebhookRequestQuery] {
        let ordering =
            context.rules.includes(.oneEventIsSorted)
            ? WebhookRequestQuery.Ordering.byDate : .listOrderForOneEvent
        return eventGroups(query.event, catalogue: events).map { events in
            let limit = query.search == nil ? rowsPerGroup : events.count * AppHealth.rowsPerList
            return WebhookRequestQuery(
                appID: app.id, events: events, errorsOnly: query.errorsOnly, ordering: ordering, limit: limit)
        }
    }

    private static func eventGroups(_ event: EventType?, catalogue: EventCatalogue) -> [[EventType]] {
        if let event { return [[event]] }
        let isControl: (EventType) -> Bool = { ["installation.created", "installation.deleted"].contains($0) }
        return [catalogue.events.filter(isControl), catalogue.events.filter { !isControl($0) }].filter { !$0.isEmpty }
    }
}
