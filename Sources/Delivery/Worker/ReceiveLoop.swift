import Logging
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
    let makeCircuitObserver: (@Sendable (RedisConnection) -> any CircuitObserving)?

    func run() {
        let connection = makeConnection()
        let queue = DeliveryQueue(connection: connection, settings: context.settings.queue)
        queue.isInterrupted = { [lifecycle = context.lifecycle] in lifecycle.phase != .running }
        var dispatcher = Dispatcher(
            context, loop: .receiving, breakers: makeCircuitObserver?(connection),
            targets: RelayTargetStates(connection: connection))
        var backoff = Backoff()
        while context.lifecycle.phase == .running {
            context.heartbeat.noteReceiving()
            guard context.sendingPause.waitForEnd(upTo: ReceiveLoop.wait), let capacity = waitForCapacity()
            else { continue }
            defer { context.inFlight.withLock { $0.isReceiving = false } }
            do throws(RedisError) {
                let count = min(capacity, context.settings.receiveBatch)
                let entries = try receive(from: queue, count: count, dispatcher)
                context.noteSuccess(.redis, .receiving)
                context.noteLoss(of: queue)
                backoff.reset()
                if let pause = dispatcher.dispatch(entries) { context.lifecycle.pause(pause) }
            } catch {
                context.lostReplies.note(error)
                context.noteFailure(.redis, .receiving, error)
                context.lifecycle.pause(backoff.next())
            }
        }
    }

    /// Receives and registers entries: those that an earlier call lost, or else new ones.
    private func receive(
        from queue: DeliveryQueue, count: Int, _ dispatcher: Dispatcher
    ) throws(RedisError) -> [Dispatcher.Registered] {
        let (consumer, lostReplies) = (context.settings.consumer, context.lostReplies)
        if lostReplies.isDue(at: .now()) {
            let entries = try lostReplies.registration.withLock { _ throws(RedisError) in
                let held = context.inFlight.withLock { $0.deliveries }
                return dispatcher.register(try queue.takeBack(consumer: consumer, held: held, count: count))
            }
            guard entries.isEmpty else {
                context.log.notice(
                    "events of a lost reply were taken back", metadata: ["events": .stringConvertible(entries.count)])
                return entries
            }
            lostReplies.noteTakenBack(at: .now())
        }
        return dispatcher.register(try queue.receive(consumer: consumer, count: count, wait: ReceiveLoop.wait))
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
