package import Buffer
package import Directory
package import Model
package import Queue
package import WebhookRules

/// What the endpoints work with. One value serves one thread; the directory may be shared by all.
package struct Dependencies {
    /// Who is who and whose is what.
    package var directory: any DeliveryDirectory & AppListing
    /// Where the webhook request log is read.
    package var requestLog: any WebhookRequestReading
    /// Where interactions are counted.
    package var interactions: any InteractionCounting
    /// Where events that are to be delivered go.
    package var queue: any EventEnqueuing
    /// Where payloads are kept that can be sent again.
    package var payloads: any PayloadReading
    /// The events that can be queued and asked for, in the order that breaks ties.
    package var events: EventCatalogue
    /// Bounds of what is taken in.
    package var delivery: EventLimits
    /// The ids of new events.
    package var eventIDs: EventIDSource
    /// What "now" is, for defaults and expiry.
    package var clock: WallClock
    /// What the status page is answered from.
    package var status: StatusSources
    /// What explanations of an event's way go by.
    package var explanation: DiagnosisSettings
    /// Where they read how deliveries fare.
    package var state: StateSources
    /// Called when it is known who is asking, or that it cannot be known; for measuring.
    package var didIdentify: () -> Void
    /// Answers of the log that need not be made again; nil = each is made anew.
    package var answers: ResponseCache?

    package init(
        directory: any DeliveryDirectory & AppListing, requestLog: any WebhookRequestReading,
        interactions: any InteractionCounting, queue: any EventEnqueuing, payloads: any PayloadReading,
        events: EventCatalogue = .version23Dot7, delivery: EventLimits = EventLimits(),
        eventIDs: EventIDSource = .random, clock: WallClock = .system, status: StatusSources = StatusSources(),
        explanation: DiagnosisSettings = DiagnosisSettings(), state: StateSources = StateSources(),
        didIdentify: @escaping () -> Void = {},
        answers: ResponseCache? = nil
    ) {
        self.directory = directory
        self.requestLog = requestLog
        self.interactions = interactions
        self.queue = queue
        self.payloads = payloads
        self.events = events
        self.delivery = delivery
        self.eventIDs = eventIDs
        self.clock = clock
        self.status = status
        self.explanation = explanation
        self.state = state
        self.didIdentify = didIdentify
        self.answers = answers
    }
}

/// The HTTP service: a request in, a response out. Never throws: every failure is a response.
package struct Service {
    private let dependencies: SharedDependencies

    /// A service on these stores.
    package init(dependencies: Dependencies) {
        self.dependencies = SharedDependencies(dependencies)
    }

    /// The answer to `request`, which has passed the transport's limits on size but nothing else.
    package func respond(to request: Request) -> Response {
        let path: String
        do {
            path = try RequestPath.decode(request.path)
        } catch {
            var response = CatchAll.undecodable(error, request: request)
            response.route = .unknown
            return response
        }

        let route = Route(path: path)
        var response = response(to: request, path: path, route: route)
        response.route = route.label
        return response
    }

    private func response(to request: Request, path: String, route: Route) -> Response {
        switch route {
        case .endpoint(let endpoint, let names):
            var exchange = RequestContext(
                request: request, endpoint: endpoint, names: names, dependencies: dependencies)
            return exchange.response()
        case .ping: return Ping.response(to: request)
        case .status: return StatusPage.response(to: request, dependencies: dependencies.value)
        case .unknownAPIPath(let lacksSlash):
            return CatchAll.unknownAPIPath(path, lacksSlash: lacksSlash, request: request)
        case .unknown: return CatchAll.unknown()
        }
    }
}
