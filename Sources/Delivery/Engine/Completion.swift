import Model
import WebhookRules

/// A delivery whose turn is over, on its way to be recorded and settled.
struct Completion: Sendable {
    /// Its number in the `InFlightTable`.
    let ticket: Int
    let end: End

    enum End: Sendable {
        case attempted(PlannedWebhook, SendResult, at: Timestamp)
        case dropped(DroppedEvent)
        /// To be buried.
        case refused(reason: String)
        /// Not attempted: back into the queue, to be delivered then.
        case putBack(at: Timestamp)
    }
}
