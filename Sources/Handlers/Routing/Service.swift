package import Buffer
package import Directory
package import Model
package import Queue
package import System
package import WebhookRules

/// Limits of what the API accepts; the program's settings fill it.
package struct EventLimits: Hashable, Sendable {
    /// The maximum length of the body of `POST events/`, in bytes; a longer one is 413. 256 KiB.
    package var maximumEventBytes: Int
    /// How long payloads are kept for redelivery, in seconds, as error messages say it. 0 = they are not kept.
    package var payloadSeconds: Int

    /// The maximum length of a directory document that is imported, in bytes; a longer one is 413. 4 MiB.
    package var maximumImportBytes: Int
    /// How much of a request's body the details of an attempt show, in bytes. 16 KiB.
    package var detailsBytes: Int

    package init(
        maximumEventBytes: Int = 256 << 10, payloadSeconds: Int = 259_200, maximumImportBytes: Int = 4 << 20,
        detailsBytes: Int = 16 << 10
    ) {
        self.detailsBytes = detailsBytes
        self.maximumEventBytes = maximumEventBytes
        self.payloadSeconds = payloadSeconds
        self.maximumImportBytes = maximumImportBytes
    }
}

/// What the endpoints use. One value serves one thread; the directory may be shared by all.
package struct Dependencies {
    package var directory: any DeliveryDirectory & AppListing
    /// Where the webhook request log is read.
    package var requestLog: any WebhookRequestReading
    /// Where interactions are counted.
    package var interactions: any InteractionCounting
    /// Where events are enqueued for delivery.
    package var queue: any EventEnqueuing
    /// Where payloads are kept for redelivery.
    package var payloads: any PayloadReading
    /// The dead letters of apps; nil = their endpoints do not exist.
    package var deadLetters: (any DeadLetterManaging)?
    /// The redelivery jobs of apps; nil = their endpoints do not exist.
    package var redeliveries: (any RedeliveryJobManaging)?
    /// How one event is erased; nil = none can be.
    package var erasure: EventErasure?
    /// Whose rules are followed, and what overrides them.
    package var protocolSettings: ProtocolSettings
    /// How sessions of the original are recognized; nil = the web server says who the user is.
    package var sessions: SessionSettings?
    /// The program's release.
    package var version: String
    /// The events that can be enqueued and queried, in the order that breaks ties; nil = those of the rules.
    package var events: EventCatalogue?
    package var eventLimits: EventLimits
    /// The ids of new events.
    package var eventIDs: EventIDSource
    /// The current time, for defaults and expiry.
    package var clock: WallClock
    /// The sources of the status page and its endpoint; nil = neither is served.
    package var status: StatusSources?
    /// Whether `/-/status` is served, which authenticates nobody: the web server has to.
    package var servesStatusPage: Bool
    /// The settings that diagnoses of deliveries depend on.
    package var diagnosis: DiagnosisSettings
    /// Where diagnoses read the state of deliveries.
    package var state: StateSources
    /// Called when the caller is known, or found to be unknown; for measuring.
    package var didIdentify: () -> Void
    /// Cached responses of the log; nil = none are cached.
    package var responseCache: ResponseCache?
    /// How the directory is changed; nil = the management API is off.
    package var management: DirectoryManagement?
    /// Which addresses webhooks may be sent to: the worker's policy.
    package var addresses: AddressPolicy
    /// Where the pages' link "Sign out" leads: a path of the site, or an address; nil = there is no link.
    package var signOutURL: String?
    /// What the relay uses; nil = there is none.
    package var relay: RelayDependencies?

    package init(
        directory: any DeliveryDirectory & AppListing, requestLog: any WebhookRequestReading,
        interactions: any InteractionCounting, queue: any EventEnqueuing, payloads: any PayloadReading,
        deadLetters: (any DeadLetterManaging)? = nil, redeliveries: (any RedeliveryJobManaging)? = nil,
        erasure: EventErasure? = nil,
        protocolSettings: ProtocolSettings = ProtocolSettings(), sessions: SessionSettings? = nil, version: String = "",
        events: EventCatalogue? = nil, eventLimits: EventLimits = EventLimits(),
        eventIDs: EventIDSource = .random, clock: WallClock = .system, status: StatusSources? = StatusSources(),
        diagnosis: DiagnosisSettings = DiagnosisSettings(), state: StateSources = StateSources(),
        didIdentify: @escaping () -> Void = {}, responseCache: ResponseCache? = nil,
        management: DirectoryManagement? = nil, addresses: AddressPolicy = AddressPolicy(),
        servesStatusPage: Bool = true, signOutURL: String? = nil, relay: RelayDependencies? = nil
    ) {
        self.directory = directory
        self.requestLog = requestLog
        self.interactions = interactions
        self.queue = queue
        self.payloads = payloads
        self.deadLetters = deadLetters
        self.redeliveries = redeliveries
        self.erasure = erasure
        self.protocolSettings = protocolSettings
        self.sessions = sessions
        self.version = version
        self.events = events
        self.eventLimits = eventLimits
        self.eventIDs = eventIDs
        self.clock = clock
        self.status = status
        self.diagnosis = diagnosis
        self.state = state
        self.didIdentify = didIdentify
        self.responseCache = responseCache
        self.management = management
        self.addresses = addresses
        self.servesStatusPage = servesStatusPage
        self.signOutURL = signOutURL
        self.relay = relay
    }
}

/// The HTTP service of one thread: a request in, a response out. Never throws: every failure is a response.
///
/// An object, so that requests refer to its dependencies instead of copying them.
package final class Service {
    /// The limit of bodies with a few names: those of all endpoints but `events/`. Bodies up to it are always received.
    package static let smallBodyBytes = 8 << 10

    /// The value of `Retry-After` with a 503.
    package static var retryAfter: String { String(HTTPFailure.retryAfterSeconds) }

    let dependencies: Dependencies
    /// The rules of the present request.
    private(set) var rules: ProtocolRules
    /// What recognizes sessions, and what checks requests that have one; nil where the settings have no secret.
    private(set) var sessions: (identity: SessionIdentity, check: CSRFCheck)?

    package init(dependencies: Dependencies) {
        self.dependencies = dependencies
        // Under `auto` until the directory has responded.
        rules = dependencies.protocolSettings.choice.rules(fitting: ProtocolRelease.known)
        sessions = Self.sessions(dependencies, rules)
    }

    private static func sessions(
        _ dependencies: Dependencies, _ rules: ProtocolRules
    ) -> (identity: SessionIdentity, check: CSRFCheck)? {
        dependencies.sessions.map { (SessionIdentity($0, rules: rules), CSRFCheck($0, rules: rules)) }
    }

    /// Under `auto`, takes the rules that fit the directory's tables now: an upgrade of the original changes them while
    /// this program runs.
    ///
    /// Those of the last request stay where the directory does not respond; the request then fails for that reason.
    private func updateRules() {
        guard dependencies.protocolSettings.choice == .auto else { return }
        let found: ProtocolRules
        do throws(DirectoryError) {
            found = ProtocolChoice.auto.rules(fitting: try dependencies.directory.releases())
        } catch {
            return
        }
        guard found != rules else { return }
        rules = found
        sessions = Self.sessions(dependencies, found)
    }

    /// The response to `request`, which is within the transport's size limits but otherwise not checked.
    ///
    /// - Parameter arrival: when the request was complete: the response includes every change made before.
    package func respond(to request: Request, arrival: MonotonicTime = .now()) -> Response {
        let path: String
        do {
            path = try RequestPath.decode(request.path)
        } catch {
            var response = FixedResponses.undecodablePath(error, request: request)
            response.route = .unknown
            return response
        }

        updateRules()
        let route = route(of: path)
        var response = response(to: request, path: path, route: route, arrival)
        response.route = route.label
        return response
    }

    /// The longest body that is read to respond to a request with this head.
    package func bodyLimit(of request: Request) -> Int {
        guard request.method == "POST" || request.method == "PUT", let path = try? RequestPath.decode(request.path)
        else { return 0 }
        switch route(of: path) {
        case .endpoint(let endpoint, _): return endpoint.bodyLimit(dependencies.eventLimits)
        case .relay: return dependencies.relay?.maximumBytes ?? 0
        case .ping, .status, .unknownAPIPath, .unknown: return 0
        }
    }

    /// Whether a request with this head imports a directory document.
    package func isImport(_ request: Request) -> Bool {
        guard request.method == "POST", let path = try? RequestPath.decode(request.path),
            case .endpoint(let endpoint, _) = route(of: path)
        else { return false }
        return endpoint == DirectoryEndpoint.self
    }

    /// The route of a path; an endpoint that is gone is an unknown path.
    private func route(of path: String) -> Route {
        let route = Route(path: path)
        guard case .endpoint(let endpoint, _) = route, let removal = endpoint.removal, rules.includes(removal),
            !dependencies.protocolSettings.keepsRequestsRoute
        else { return route }
        return .unknownAPIPath(lacksSlash: false)
    }

    private func response(
        to request: Request, path: String, route: Route, _ arrival: MonotonicTime
    ) -> Response {
        switch route {
        case .endpoint(let endpoint, let names):
            var context = RequestContext(request, names: names, service: self, arrival: arrival)
            return context.response(of: endpoint)
        case .relay(let slug):
            guard let relay = dependencies.relay else { return FixedResponses.unknownPath() }
            return RelayIntake(
                dependencies: dependencies, relay: relay, request: request, slug: slug,
                events: dependencies.events ?? rules.events
            ).response()
        case .ping: return FixedResponses.ping(request)
        case .status:
            guard dependencies.servesStatusPage, let sources = dependencies.status else {
                return FixedResponses.unknownPath()
            }
            return StatusPage.response(to: request, sources, clock: dependencies.clock)
        case .unknownAPIPath(let lacksSlash):
            return FixedResponses.unknownAPIPath(path, lacksSlash: lacksSlash, request: request, rules: rules)
        case .unknown: return FixedResponses.unknownPath()
        }
    }
}
