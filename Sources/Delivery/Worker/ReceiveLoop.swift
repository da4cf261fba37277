import Model
import Queue
import Redis
import System

/// The thread that receives entries from the queue, as long as there is capacity.
struct ReceiveLoop {
    /// How long one read waits for an entry; a stop is noticed within this time.
    static let wait = Duration.milliseconds(200)

    let context: DeliveryContext
    let makeConnection: @Sendable () -> RedisConnection

    func run() {
        let queue = DeliveryQueue(connection: makeConnection(), settings: context.settings.queue)
        var dispatcher = Dispatcher(context, loop: .receiving)
        var backoff = Backoff()
        while context.lifecycle.phase == .running {
            context.heartbeat.noteReceiving()
            guard context.sendingPause.waitForEnd(upTo: ReceiveLoop.wait), let capacity = waitForCapacity()
            else { continue }
            defer { context.inFlight.withLock { $0.isReceiving = false } }
            do {
                let deliveries = try queue.receive(
                    consumer: context.settings.consumer, count: min(capacity, context.settings.receiveBatch),
                    wait: ReceiveLoop.wait)
                context.noteSuccess(.redis, .receiving)
                backoff.reset()
                if let pause = dispatcher.dispatch(deliveries) { context.lifecycle.pause(pause) }
            } catch {
                context.noteFailure(.redis, .receiving, error)
                context.lifecycle.pause(backoff.next())
            }
        }
    }

    /// Waits until there is capacity for a whole batch: reading one by one would cost a call for each. Nil = not yet.
    private func waitForCapacity() -> Int? {
        let wanted = min(context.settings.receiveBatch, max(1, context.settings.inFlightLimit / 2))
        return context.inFlight.wait(until: .now().adding(ReceiveLoop.wait)) { table in
            let capacity = context.capacity(of: table)
            guard capacity >= wanted else { return nil }
            table.isReceiving = true
            return capacity
        }
    }
}
