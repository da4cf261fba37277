import Buffer
import Directory
import Handlers
import Redis
import TestSupport

/// A service that keeps its answers.
struct CachingService {
    let store: CachedResponseStore
    let tracking: ManualTracking
    let service: Service

    /// - Parameters:
    ///   - requestLog: nil = the world's.
    ///   - store: another service's, to share its answers.
    ///   - directory: nil = the world's.
    init(
        _ world: HandlersFixture, byteLimit: Int = 1 << 20, requestLog: (any WebhookRequestReading)? = nil,
        store: CachedResponseStore? = nil, directory: (any DeliveryDirectory & AppListing)? = nil
    ) {
        let store = store ?? CachedResponseStore(byteLimit: byteLimit)
        self.store = store
        tracking = ManualTracking { store.forget($0) }
        var dependencies = world.dependencies(directory: directory)
        if let requestLog { dependencies.requestLog = requestLog }
        dependencies.answers = ResponseCache(
            store: store, tracking: TimedTracking(tracking), directory: dependencies.directory)
        service = Service(dependencies: dependencies)
    }

    var counts: ResponseCacheCounts { store.counts(isTracking: tracking.isConnected) }

    func get(_ path: String, _ query: String = "", as user: String? = HandlersFixture.owner) -> Response {
        service.respond(to: Request(reading: path, query, as: user))
    }
}

extension Request {
    /// `GET /api/0/sentry-apps/{path}` as a signed-in user, or as nobody.
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
    /// Everything that goes out, in words.
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
