import Model
import Queue

/// `redeliveries/{id}/`: `GET` shows a redelivery job and its progress, `DELETE` cancels it.
enum RedeliveryJobEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let acceptsDelete = true
    static let permission: any Permission.Type = RedeliveryJobPermission.self

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        guard let id = context.names.item, QueueEntry.isID(id) else { throw .noRedeliveryJob }
        let redeliveries = try context.redeliveries()
        let job =
            context.method == .delete
            ? try orUnavailable(
                HTTPFailure.jobUnavailable, redeliveries.cancel(id: id, appID: app.id, now: context.now()))
            : try orUnavailable(HTTPFailure.stateUnavailable, redeliveries.job(id: id, appID: app.id))
        guard let job else { throw .noRedeliveryJob }
        return EndpointResult(body: try context.json(of: job))
    }
}
