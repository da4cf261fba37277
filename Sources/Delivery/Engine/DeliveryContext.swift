import Buffer
import Logging
import Model
import System
import WebhookRules

/// What the worker's threads share.
final class DeliveryContext: Sendable {
    let settings: DeliveryWorkerSettings
    let planner: WebhookPlanner
    let sender: WebhookSender
    let metrics: any DeliveryMetrics
    let clock: WallClock
    let log: Logger
    let outbox = CompletionQueue()
    let flights: Condition<InFlightTable>
    let pacing: Lock<AppPacing>
    let phase = LifecycleState()
    let outages = Lock(OutageLog())
    /// The earliest moment at which an entry that was put back or is to be retried is due, for the housekeeper.
    let alarm = HousekeepingTimer()
    let counts = Lock(DeliveryWorker.Counts())
    let rounds = LoopHeartbeat()

    init(
        settings: DeliveryWorkerSettings, planner: WebhookPlanner, sender: WebhookSender,
        metrics: any DeliveryMetrics, clock: WallClock, log: Logger
    ) {
        self.settings = settings
        self.planner = planner
        self.sender = sender
        self.metrics = metrics
        self.clock = clock
        self.log = log
        flights = Condition(InFlightTable())
        pacing = Lock(AppPacing(limit: settings.sender.perAppLimit))
    }

    /// How many more entries may be received.
    func room(in table: InFlightTable) -> Int {
        table.byteCount < settings.inFlightBytes ? max(0, settings.inFlightLimit - table.count) : 0
    }

    /// Notes that a part reaches what it needs.
    func noteSuccess(_ resource: OutageLog.Resource, _ part: OutageLog.Part) {
        guard outages.withLock({ $0.note(resource, part, isFailing: false) }) == .ended else { return }
        log.notice("delivery goes on", metadata: ["resource": "\(resource.rawValue)"])
    }

    /// Notes that a part does not reach what it needs.
    func noteFailure(_ resource: OutageLog.Resource, _ part: OutageLog.Part, _ error: any Error) {
        guard outages.withLock({ $0.note(resource, part, isFailing: true) }) == .began else { return }
        log.error(
            "delivery is held up", metadata: ["resource": "\(resource.rawValue)", "error": "\(error)"])
    }
}
