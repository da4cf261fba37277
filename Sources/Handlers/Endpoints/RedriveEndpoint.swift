import Model
import Queue
import WireJSON

/// `POST redrive/`: puts the app's dead letters back into the queue, as `hookline queue redrive --all --app` does.
/// Among them are the events that were waiting when the app was disabled.
enum RedriveEndpoint: AppEndpoint {
    static let acceptsGet = false
    static let acceptsPost = true
    /// As for redelivery: `org:write` in the organization that owns the app.
    static let permission: any Permission.Type = RedeliveryPermission.self

    /// Dead letters of one request, so that it does not take long.
    static let limit = 500

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        guard app.disablement == nil else { throw .disabledApp }
        let queue = context.dependencies.queue
        let result = try orUnavailable(
            HTTPFailure.queueUnavailable, queue.redrive(appID: app.id, limit: limit, now: context.now()))
        var json = JSONObjectWriter()
        json.append("redriven", number: Int64(result.redrive.count))
        // Also full for this app: it has its share.
        let isFull = result.redrive.isFull || result.redrive.heldCount > 0
        json.append("hasMore", bool: result.hasMore || isFull)
        json.append("queueIsFull", bool: isFull)
        if result.redrive.damagedCount > 0 { json.append("damaged", number: Int64(result.redrive.damagedCount)) }
        return EndpointResult(body: json.finish())
    }
}
