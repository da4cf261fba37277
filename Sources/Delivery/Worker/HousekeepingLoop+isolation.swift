import Logging
import Model
import Queue
import Redis
import System

/// How far a worker is with the entries that are taken alone: those handed out often and never settled, which may be
/// what ends the workers that have them.
enum Isolation {
    case none
    /// There are some; another worker may be at them.
    case wanted
    /// This worker receives nothing else.
    case begun
}

extension HousekeepingLoop {
    /// How often the end of the deliveries in progress is looked for.
    private static let isolationPause = Duration.milliseconds(20)

    /// One step: takes the next such entry once this worker has no other, so that no other is sent twice if it ends the
    /// process.
    ///
    /// - Returns: the time until the next step.
    mutating func isolate() throws(RedisError) -> Duration {
        let consumer = context.settings.consumer
        guard try queue.beginIsolation(consumer: consumer, lifetime: context.settings.visibilityTimeout) else {
            end()
            return HousekeepingLoop.longestSleep
        }
        isolation = .begun
        let isIdle = context.inFlight.withLock { table in
            table.isReserved = true
            return table.isIdle
        }
        guard isIdle else { return HousekeepingLoop.isolationPause }
        let (queue, visibilityTimeout, now) = (queue, context.settings.visibilityTimeout, context.clock.now())
        let claimed = try register { () throws(RedisError) in
            let delivery = try queue.claimAlone(
                consumer: consumer, idleLongerThan: visibilityTimeout, now: now)
            return delivery.map { [$0] } ?? []
        }
        guard let delivery = claimed.first?.delivery else {
            end()
            try queue.endIsolation(consumer: consumer)
            return .zero
        }
        context.log.warning(
            "delivery taken alone, because workers ended with it",
            metadata: ["request_id": "\(delivery.entry.id)", "handed_out": "\(delivery.deliveryCount)"])
        if let pause = dispatcher.dispatch(claimed) { context.lifecycle.pause(pause) }
        return HousekeepingLoop.isolationPause
    }

    /// The next `claim` says whether there are more.
    private mutating func end() {
        isolation = .none
        context.inFlight.change { table in
            table.isReserved = false
            return true
        }
    }
}
