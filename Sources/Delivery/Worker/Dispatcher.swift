import Directory
import Model
import Queue
import System
import WebhookRules

/// Takes received entries up to the sender: admission, planning, submission. Used by the threads that receive and
/// claim.
struct Dispatcher {
    private let context: DeliveryContext
    private let loop: OutageLog.Loop
    /// Nil where there are no circuit breakers.
    private let breakers: (any CircuitBreakerReading)?
    private var targets: RelayTargetGate
    /// How long entries are put back while the directory is unavailable.
    private var directoryBackoff = Backoff(shortest: .milliseconds(200), longest: .seconds(5))

    init(
        _ context: DeliveryContext, loop: OutageLog.Loop, breakers: (any CircuitBreakerReading)?,
        targets: any RelayTargetKeeping
    ) {
        self.context = context
        self.targets = RelayTargetGate(states: targets)
        self.loop = loop
        self.breakers = breakers
    }

    /// An entry in the `InFlightTable`.
    struct Registered {
        var delivery: QueueDelivery
        var handle: Int
    }

    /// Puts received entries into the `InFlightTable`; leaves out those that are there already.
    func register(_ deliveries: [QueueDelivery]) -> [Registered] {
        guard !deliveries.isEmpty else { return [] }
        let now = MonotonicTime.now()
        let registered = context.inFlight.withLock { table in
            // A claimed entry may be one that this worker has in flight.
            deliveries.compactMap { delivery in
                // Entries that cannot be read have no id to be known by.
                let isKnown = delivery.deliveryCount > 1 && delivery.problem == nil
                return isKnown && table.adopt(delivery, now: now)
                    ? nil : Registered(delivery: delivery, handle: table.add(delivery, now: now))
            }
        }
        context.counts.withLock { $0.received += registered.count }
        return registered
    }

    /// Dispatches received entries; what cannot be sent now is put back.
    ///
    /// - Returns: how long to receive nothing more; nil = continue.
    mutating func dispatch(_ entries: [Registered]) -> Duration? {
        var pause: Duration?
        for entry in entries {
            let (delivery, handle) = (entry.delivery, entry.handle)
            let outcome = if let delay = pause { putBack(after: delay) } else { dispatch(delivery, handle, &pause) }
            guard let outcome else { continue }
            context.completions.add(Completion(handle: handle, delivery: delivery, outcome: outcome))
        }
        return pause
    }

    /// The outcome of a delivery that needs no request; nil when it was submitted to the sender.
    private mutating func dispatch(
        _ delivery: QueueDelivery, _ handle: Int, _ pause: inout Duration?
    ) -> Completion.Outcome? {
        if let problem = delivery.problem { return .refused(reason: problem) }
        // As if the app were disabled already: the entry was enqueued before.
        guard !context.pendingApps.contains(delivery.entry.appID) else {
            return .refused(reason: DeliveryPlan.disabledReason)
        }
        guard !targets.isDisabled(delivery.entry.destination) else {
            return .refused(reason: DeliveryPlan.disabledTargetReason)
        }
        if let delay = waitForAdmission(of: delivery.entry.appID) { return putBack(after: delay) }
        do {
            let plan = try context.planner.plan(delivery.entry, now: context.clock.now())
            context.noteSuccess(.directory, loop)
            directoryBackoff.reset()
            switch plan {
            case .drop(let event): return .dropped(event)
            case .refuse(let reason): return .refused(reason: reason)
            case .send(let webhook): return blocked(webhook, delivery) ?? submit(webhook, delivery, handle)
            }
        } catch {
            context.noteFailure(.directory, loop, error)
            let delay = directoryBackoff.next()
            pause = delay
            return putBack(after: delay)
        }
    }

    /// Waits while the app has capacity soon and sending is not paused; returns how long the event is put back for, nil
    /// when it is to be sent.
    private func waitForAdmission(of app: Int64) -> Duration? {
        while context.lifecycle.phase == .running, context.sendingPause.error == nil {
            switch context.sender.admission(app: app) {
            case .submit: return nil
            case .wait(let duration): context.lifecycle.pause(duration)
            case .putBack(let delay): return delay
            }
        }
        return .zero
    }

    /// The outcome where the app's circuit breaker is open: a row in the log, and the same attempt later.
    private func blocked(_ webhook: PlannedWebhook, _ delivery: QueueDelivery) -> Completion.Outcome? {
        let now = context.clock.now()
        guard let breakers, webhook.hasBreaker,
            let settings = context.settings.policies.policy(of: webhook).breaker,
            let state = context.circuitGate.end(webhook.circuitName, now: now, breakers)
        else { return nil }
        // Asked again before that, so that a breaker which somebody has closed holds nothing for long.
        let end = min(state, now.adding(seconds: 2 * settings.openSeconds))
        return .attempted(FinishedAttempt(blocked: delivery.entry, webhook: webhook, date: now, until: end))
    }

    private func submit(_ webhook: PlannedWebhook, _ delivery: QueueDelivery, _ handle: Int) -> Completion.Outcome? {
        do {
            try context.sender.submit(webhook) { [completions = context.completions, clock = context.clock] result in
                let attempt = FinishedAttempt(
                    entry: delivery.entry, webhook: webhook, result: result, date: clock.now())
                completions.add(Completion(handle: handle, delivery: delivery, outcome: .attempted(attempt)))
            }
            return nil
        } catch {
            // The sender is full or stopped: not the event's fault.
            return putBack(after: .milliseconds(200))
        }
    }

    private func putBack(after delay: Duration) -> Completion.Outcome {
        context.notePutBack(for: delay)
        let microseconds = context.clock.now().microseconds + Int64(delay.milliseconds) * 1000
        return .putBack(at: Timestamp(microseconds: microseconds))
    }
}
