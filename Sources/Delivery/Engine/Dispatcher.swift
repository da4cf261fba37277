import Buffer
import Directory
import Logging
import Model
import Queue
import System
import WebhookRules

/// The way of received entries up to the sender: who is to get what, or why not. Used by the threads that receive and
/// claim.
struct Dispatcher {
    private let shop: DeliveryContext
    private let part: OutageLog.Part
    /// How long the next entries wait for a directory that cannot be asked.
    private var directoryPause = LoopPause(shortest: .milliseconds(200), longest: .seconds(5))

    init(_ shop: DeliveryContext, part: OutageLog.Part) {
        self.shop = shop
        self.part = part
    }

    /// Takes care of entries that were handed out; what cannot be sent now is put back.
    ///
    /// - Returns: how long to receive nothing more; nil = go on.
    mutating func take(_ deliveries: [QueueDelivery]) -> Duration? {
        guard !deliveries.isEmpty else { return nil }
        let now = MonotonicTime.now()
        let tickets = shop.flights.withLock { table in
            // What was claimed may have been this worker's own all the time.
            deliveries.map { delivery in
                delivery.deliveryCount > 1 && table.adopt(delivery, now: now) ? nil : table.add(delivery, now: now)
            }
        }
        shop.counts.withLock { $0.received += tickets.count { $0 != nil } }
        var pause: Duration?
        for (delivery, ticket) in zip(deliveries, tickets) {
            guard let ticket else { continue }
            if let wait = pause {
                putBack(ticket, after: wait)
            } else if let end = end(of: delivery, ticket, &pause) {
                shop.outbox.add(Completion(ticket: ticket, end: end))
            }
        }
        return pause
    }

    /// What ends the delivery already; nil when the sender has it.
    private mutating func end(of delivery: QueueDelivery, _ ticket: Int, _ pause: inout Duration?) -> Completion.End? {
        guard delivery.deliveryCount <= shop.settings.maximumDeliveries else {
            return .refused(reason: "handed out \(delivery.deliveryCount) times without being settled")
        }
        if let wait = turn(of: delivery.entry.appID) { return back(after: wait) }
        do {
            let plan = try shop.planner.plan(delivery.entry, now: shop.clock.now())
            shop.noteSuccess(.directory, part)
            directoryPause.reset()
            switch plan {
            case .drop(let event): return .dropped(event)
            case .refuse(let reason): return .refused(reason: reason)
            case .send(let webhook): return submit(webhook, delivery.entry.appID, ticket)
            }
        } catch {
            shop.noteFailure(.directory, part, error)
            let wait = directoryPause.next()
            pause = wait
            return back(after: wait)
        }
    }

    /// Waits for the app's turn if that comes soon; else returns how long the event is put back for.
    private func turn(of app: Int64) -> Duration? {
        while shop.phase.phase == .working {
            let load = shop.sender.load(app: app)
            let decision = shop.pacing.withLock {
                $0.decision(app: app, running: load.running, waiting: load.waiting, now: .now())
            }
            switch decision {
            case .submit: return nil
            case .wait(let duration): shop.phase.rest(duration)
            case .holdBack(let duration): return duration
            }
        }
        return .zero
    }

    private func submit(_ webhook: PlannedWebhook, _ app: Int64, _ ticket: Int) -> Completion.End? {
        let request = OutgoingRequest(
            url: webhook.url, headers: webhook.headers, body: webhook.body, appID: app, timeout: webhook.timeout)
        do {
            try shop.sender.submit(request) { [outbox = shop.outbox, clock = shop.clock] result in
                outbox.add(Completion(ticket: ticket, end: .attempted(webhook, result, at: clock.now())))
            }
            return nil
        } catch {
            // Full or stopped: not the event's fault.
            return back(after: .milliseconds(200))
        }
    }

    private func putBack(_ ticket: Int, after wait: Duration) {
        shop.outbox.add(Completion(ticket: ticket, end: back(after: wait)))
    }

    private func back(after wait: Duration) -> Completion.End {
        let microseconds = shop.clock.now().microseconds + Int64(wait.milliseconds) * 1000
        return .putBack(at: Timestamp(microseconds: microseconds))
    }
}
