import Logging
import Model
import Queue
import Redis
import Synchronization
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
    let completions = CompletionQueue()
    let inFlight: Condition<InFlightTable>
    let lifecycle = LifecycleState()
    let outages = Lock(OutageLog())
    let sendingPause = SendingPause()
    /// Wakes the housekeeping thread when an entry is due that was put back or is to be retried.
    let timer = HousekeepingTimer()
    let counts = Lock(DeliveryWorker.Counts())
    let heartbeat = LoopHeartbeat()
    /// Whether no payloads are archived, because Redis is short of memory.
    let isArchiveClosed = Atomic(false)
    /// Entries that Redis may have delivered to this worker in a reply that was lost.
    let lostReplies = LostReplies()
    /// Apps that are to be disabled.
    let pendingApps = PendingApps()
    /// What is known of circuit breakers.
    let circuitGate: CircuitGate
    /// When the last of the entries that were put back is due, in microseconds of the monotonic clock.
    private let putBackEnd = Atomic<Int64>(0)

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
        inFlight = Condition(InFlightTable())
        circuitGate = CircuitGate(log: log)
    }

    /// Notes that an entry is put back until `delay` has passed.
    func notePutBack(for delay: Duration) {
        putBackEnd.max(MonotonicTime.now().adding(delay).microseconds, ordering: .relaxed)
    }

    /// Whether entries that were put back are not due yet.
    var hasPutBackEntries: Bool { putBackEnd.load(ordering: .relaxed) > MonotonicTime.now().microseconds }

    /// How many more entries may be received.
    func capacity(of table: InFlightTable) -> Int {
        guard !table.isReserved, table.byteCount < settings.inFlightBytes else { return 0 }
        return max(0, settings.inFlightLimit - table.count)
    }

    /// Stops sending to apps that were noted as apps to be disabled, and wakes the housekeeping thread, which does it.
    func notePending(_ apps: Set<Int64>) {
        guard !apps.isEmpty else { return }
        pendingApps.add(apps)
        timer.wake()
    }

    /// Reports a loss of the queue, if there was one.
    func noteLoss(of queue: DeliveryQueue) {
        guard queue.takeLoss() else { return }
        log.error(
            "Redis has lost the queue: accepted events that were not delivered are gone",
            metadata: ["queue": "\(settings.queue.name)"])
    }

    /// Reports the entries that lost their place to the limits of the queue.
    func reportDisplaced(by queue: DeliveryQueue) {
        for entry in queue.takeDisplaced() {
            switch entry.consequence {
            case .deadLetter:
                metrics.countDeadLetter()
                log.warning(
                    "retry not scheduled, because the queue has reached a limit: the event is a dead letter",
                    metadata: ["request_id": "\(entry.id)"])
            case .discarded:
                log.warning(
                    "dead letter discarded, because the queue has reached a limit",
                    metadata: ["request_id": "\(entry.id)"])
            }
        }
    }

    /// Notes that a loop reached a resource.
    func noteSuccess(_ resource: OutageLog.Resource, _ loop: OutageLog.Loop) {
        guard outages.withLock({ $0.note(resource, loop, isFailing: false) }) == .ended else { return }
        log.notice("delivery resumed", metadata: ["resource": "\(resource.rawValue)"])
    }

    /// Notes that a loop could not reach a resource.
    func noteFailure(_ resource: OutageLog.Resource, _ loop: OutageLog.Loop, _ error: any Error) {
        guard outages.withLock({ $0.note(resource, loop, isFailing: true) }) == .began else { return }
        log.error(
            "delivery interrupted", metadata: ["resource": "\(resource.rawValue)", "error": "\(error)"])
    }

    /// Notes that outcomes cannot be recorded or settled: nothing more is received and sent until `resumeSending`.
    func pauseSending(_ error: RedisError) {
        sender.pause()
        let isFirstRefusal = sendingPause.begin(error)
        // A refusal is logged with Redis' words even if the pause began otherwise. Redis itself is reached then.
        if case .refused = error { noteSuccess(.redis, .recording) } else { noteFailure(.redis, .recording, error) }
        guard isFirstRefusal else { return }
        log.error(
            "sending paused: outcomes cannot be recorded",
            metadata: ["error": "\(error)", "remedy": "\(error.remedy)"])
    }

    /// Notes that outcomes were recorded or settled.
    func resumeSending() {
        noteSuccess(.redis, .recording)
        guard sendingPause.error != nil else { return }
        if sendingPause.end() { log.notice("sending resumed") }
        sender.resume()
    }
}
