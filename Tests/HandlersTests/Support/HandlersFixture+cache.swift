import Buffer
import Directory
import Handlers
import Model
import Redis
import TestSupport

/// A service with a response cache.
struct CachingService {
    let store: CachedResponseStore
    let tracking: ManualTracking
    let service: Service

    /// - Parameters:
    ///   - requestLog: nil = the fixture's.
    ///   - store: another service's, to share its responses.
    ///   - directory: nil = the fixture's, cached for ever.
    ///   - protocolSettings: nil = the fixture's.
    init(
        _ fixture: HandlersFixture, byteLimit: Int = 1 << 20, requestLog: (any WebhookRequestReading)? = nil,
        store: CachedResponseStore? = nil, directory: (any DeliveryDirectory & AppListing)? = nil,
        protocolSettings: ProtocolSettings? = nil
    ) {
        let store = store ?? CachedResponseStore(byteLimit: byteLimit)
        self.store = store
        tracking = ManualTracking { store.invalidate($0) }
        var dependencies = fixture.dependencies(directory: directory ?? fixture.cachedDirectory())
        if let requestLog { dependencies.requestLog = requestLog }
        if let protocolSettings { dependencies.protocolSettings = protocolSettings }
        dependencies.responseCache = ResponseCache(
            store: store, tracking: TimedTracking(tracking), directory: dependencies.directory)
        service = Service(dependencies: dependencies)
    }

    var counts: ResponseCacheCounts { store.counts(isTracking: tracking.isConnected) }

    func get(_ path: String, _ query: String = "", as user: String? = HandlersFixture.owner) -> Response {
        service.respond(to: Request(reading: path, query, as: user))
    }
}

extension HandlersFixture {
    /// The directory as one thread caches it.
    ///
    /// - Parameter changes: shared by the directories of one process.
    func cachedDirectory(
        secondsToLive: Int = 1 << 32, changes: DirectoryChanges = DirectoryChanges()
    ) -> CachedDirectory {
        CachedDirectory(
            directory, limits: .init(secondsToLive: secondsToLive, entryLimit: 100), clock: clock, changes: changes)
    }
}

extension Request {
    /// `GET /api/0/sentry-apps/{path}` as a signed-in user, or anonymously.
    convenience init(
        reading path: String, _ query: String = "", as user: String? = HandlersFixture.owner, accept: String? = nil,
        ifNoneMatch: String? = nil
    ) {
        self.init(
            method: "GET", path: .encoded("/api/0/sentry-apps/" + path), query: query, remoteUser: user,
            allowsSuperuser: user == HandlersFixture.superuser, accept: accept, ifNoneMatch: ifNoneMatch)
    }
}

extension Response {
    /// Everything that is sent.
    var wire: String {
        "\(status) \(headers.map { "\($0.name): \($0.value)" }) \(omitsBody) \(skippedElements) \(text)"
    }
}

/// A log whose lists can change while it is read.
final class DisturbedLog: WebhookRequestReading {
    private let base: any WebhookRequestReading
    var beforeRead: () -> Void = {}
    var afterRead: () -> Void = {}

    init(_ base: any WebhookRequestReading) {
        self.base = base
    }

    func read(_ query: WebhookRequestQuery) throws(RedisError) -> WebhookRequestPage {
        beforeRead()
        let page = try base.read(query)
        afterRead()
        return page
    }
}
