import Logging
import Model
import Queue
import Redis
import System

/// How far a worker is with the entries that are taken alone: those handed out often and never settled, which may be
/// what ends the workers that have them.
enum Isolation: Hashable {
    case none
    /// There are some; another worker may be at them.
    case wanted
    /// Since `start` this worker receives nothing else; `hasEntry`: it has taken one.
    case begun(start: MonotonicTime, hasEntry: Bool)
}

extension HousekeepingLoop {
    /// How often the end of the deliveries in progress is looked for.
    private static let isolationPause = Duration.milliseconds(20)

    /// One step: takes one such entry once this worker has no other, so that no other is sent twice if it ends the
    /// process. Once it is settled, the worker receives others for at least as long as that took before it takes the
    /// next.
    ///
    /// - Returns: the time until the next step.
    mutating func isolate() throws(RedisError) -> Duration {
        let remaining = -nextIsolation.microsecondsUntilNow
        guard remaining <= 0 else { return .microseconds(remaining) }
        let consumer = context.settings.consumer
        guard try queue.beginIsolation(consumer: consumer, lifetime: context.settings.visibilityTimeout) else {
            end()
            return HousekeepingLoop.longestSleep
        }
        guard case .begun(let start, let hasEntry) = isolation else {
            isolation = .begun(start: .now(), hasEntry: false)
            context.inFlight.withLock { $0.isReserved = true }
            return .zero
        }
        guard context.inFlight.withLock({ $0.isIdle }) else { return HousekeepingLoop.isolationPause }
        guard !hasEntry, try takeAlone() else {
            end()
            rest(from: start)
            try queue.endIsolation(consumer: consumer)
            return .zero
        }
        isolation = .begun(start: start, hasEntry: true)
        return HousekeepingLoop.isolationPause
    }

    /// False when there is no such entry.
    private mutating func takeAlone() throws(RedisError) -> Bool {
        let (queue, settings, now) = (queue, context.settings, context.clock.now())
        let claimed = try register { () throws(RedisError) in
            let delivery = try queue.claimAlone(
                consumer: settings.consumer, idleLongerThan: settings.visibilityTimeout, now: now)
            return delivery.map { [$0] } ?? []
        }
        guard let delivery = claimed.first?.delivery else { return false }
        context.log.warning(
            "entry processed in isolation: workers ended while they processed it",
            metadata: ["request_id": "\(delivery.entry.id)", "received": "\(delivery.deliveryCount)"])
        if let pause = dispatcher.dispatch(claimed) { context.lifecycle.pause(pause) }
        return true
    }

    /// The next `claim` says whether there are more.
    private mutating func end() {
        isolation = .none
        context.inFlight.change { table in
            table.isReserved = false
            return true
        }
    }

    private mutating func rest(from start: MonotonicTime) {
        nextIsolation = .now().adding(max(.microseconds(start.microsecondsUntilNow), shortestRest))
    }
}
