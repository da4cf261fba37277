import Buffer
import Model

/// `GET webhook-requests/`: the newer form of the request log (contract 2.9), with paging (design, D9).
enum WebhookRequestsEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let isConditional = true
    static let permission: any Permission.Type = StatisticsPermission.self

    static func respond(to call: AppCall) throws(HTTPFailure) -> Reply {
        let query = try WebhookRequestsQuery(
            call.parameters, events: call.dependencies.events, now: call.dependencies.clock.now())
        let organizationID = try query.organizationSlug.map { (slug) throws(HTTPFailure) in
            try call.organizationID(slug: slug)
        }
        let paging = try Paging(call.parameters)
        let filter = LogFilter(start: query.start, end: query.end, organizationID: organizationID, app: call.app)
        let groups = eventGroups(query.event, catalogue: call.dependencies.events)
        let log = try MergedLog(groups: groups, errorsOnly: query.errorsOnly, filter: filter, call: call)

        var writer = LogWriter(
            app: call.app, events: groups.flatMap(\.self), details: [],
            references: LogReferences(directory: call.dependencies.directory))
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

    /// Lists that are merged and cut to 100 rows apart from each other: the original keeps the events of installations
    /// in another place than the rest, so a busy app's other events never push them out.
    private static func eventGroups(_ event: EventType?, catalogue: EventCatalogue) -> [[EventType]] {
        if let event { return [[event]] }
        let isControl: (EventType) -> Bool = { ["installation.created", "installation.deleted"].contains($0) }
        return [catalogue.events.filter(isControl), catalogue.events.filter { !isControl($0) }].filter { !$0.isEmpty }
    }
}
