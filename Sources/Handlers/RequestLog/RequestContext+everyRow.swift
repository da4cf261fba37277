import Buffer
import Model

extension RequestContext {
    /// Every row of every list of the app: what failed stays longer in the lists of errors.
    ///
    /// - Parameter events: those that the app's log has.
    func everyRow(of app: SentryApp, _ events: EventCatalogue, errorsOnly: Bool) -> WebhookRequestQuery {
        WebhookRequestQuery(
            appID: app.id, events: events.events, errorsOnly: errorsOnly, ordering: .byDate,
            limit: events.events.count * AppHealth.rowsPerList)
    }
}
