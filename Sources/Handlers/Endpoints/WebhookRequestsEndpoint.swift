import Buffer
import Model

/// `GET webhook-requests/`: the newer form of the request log (contract 2.9), with paging (design, D9).
enum WebhookRequestsEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let isConditional = true
    static let permission: any Permission.Type = StatisticsPermission.self

    static func respond(to call: AppRequestContext) throws(HTTPFailure) -> Reply {
        let now = call.dependencies.clock.now()
        let query = try WebhookRequestsQuery(call.parameters, events: call.dependencies.events, now: now)
        let organizationID = try query.organizationSlug.map { (slug) throws(HTTPFailure) in
            try call.organizationID(slug: slug)
        }
        let paging = try Paging(call.parameters)
        let filter = LogFilter(window: query.window, organizationID: organizationID, app: call.app)
        return try call.answer(from: lists(query, of: call), isTagged: isConditional, at: now) {
            key(of: call, query, filter, paging)
        } make: { (lists, basis) throws(HTTPFailure) in
            try reply(to: call, lists, filter, paging, basis)
        }
    }

    private static func reply(
        to call: AppRequestContext, _ lists: [WebhookRequestQuery], _ filter: LogFilter, _ paging: Paging?,
        _ basis: CachedResponseBasis
    ) throws(HTTPFailure) -> Reply {
        let log = try MergedLog(lists, filter: filter, call: call)
        for page in log.pages { basis.noteEnd(filter.window.nextChange(page.rows)) }
        var writer = RequestLogFormatter(
            app: call.app, events: lists.flatMap(\.events), details: [],
            references: LogReferences(directory: call.dependencies.directory, basis: basis))
        writer.reserve(log.byteCount)
        for entry in log.entries[paging?.range(of: log.entries.count) ?? log.entries.indices] {
            let bytes = log.pages[entry.page].bytes
            try writer.append(entry.row, from: bytes.span)
        }
        let link = paging.map {
            $0.link(
                rowCount: log.entries.count, path: "/api/0/sentry-apps/\(call.app.slug)/webhook-requests/",
                request: call.request, parameters: call.parameters)
        }
        return Reply(
            body: writer.finish(), headers: link.map { [("Link", $0)] } ?? [], skippedElements: log.skippedCount)
    }

    private static func key(
        of call: AppRequestContext, _ query: WebhookRequestsQuery, _ filter: LogFilter, _ paging: Paging?
    ) -> ResponseCacheKey {
        var key = ResponseCacheKey(.webhookRequests, of: call.app)
        key.add(query.event?.rawValue)
        key.add(query.errorsOnly)
        key.add(filter.organizationID)
        filter.window.add(to: &key)
        guard let paging else { return key }
        // The pages' addresses repeat the request's.
        key.add(Int64(paging.rowsPerPage))
        key.add(Int64(paging.offset))
        key.add(call.request.host)
        key.add(call.request.isSecure)
        key.add(call.parameters.encoded(excluding: "cursor"))
        return key
    }

    /// Lists that are merged and cut to 100 rows apart from each other: the original keeps the events of installations
    /// in another place than the rest, so a busy app's other events never push them out.
    private static func lists(_ query: WebhookRequestsQuery, of call: AppRequestContext) -> [WebhookRequestQuery] {
        eventGroups(query.event, catalogue: call.dependencies.events).map { events in
            WebhookRequestQuery(
                appID: call.app.id, events: events, errorsOnly: query.errorsOnly, ordering: .byDate)
        }
    }

    private static func eventGroups(_ event: EventType?, catalogue: EventCatalogue) -> [[EventType]] {
        if let event { return [[event]] }
        let isControl: (EventType) -> Bool = { ["installation.created", "installation.deleted"].contains($0) }
        return [catalogue.events.filter(isControl), catalogue.events.filter { !isControl($0) }].filter { !$0.isEmpty }
    }
}
