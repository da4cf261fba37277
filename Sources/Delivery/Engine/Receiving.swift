import Buffer
import Logging
import Model
import Queue
import Redis
import System

/// The thread that takes entries from the queue, as many as there is room for.
struct Receiving {
    /// How long Redis is asked to wait for an entry; as long a stop may go unnoticed.
    static let wait = Duration.milliseconds(200)

    let shop: DeliveryContext
    let makeConnection: @Sendable () -> RedisConnection

    func run() {
        let queue = DeliveryQueue(connection: makeConnection(), settings: shop.settings.queue)
        var intake = Dispatcher(shop, part: .receiving)
        var pause = LoopPause()
        while shop.phase.phase == .working {
            shop.rounds.addReceiving()
            guard let room = waitForRoom() else { continue }
            do {
                let deliveries = try queue.receive(
                    consumer: shop.settings.consumer, count: min(room, shop.settings.receiveBatch),
                    wait: Receiving.wait)
                shop.noteSuccess(.redis, .receiving)
                pause.reset()
                if let rest = intake.take(deliveries) { shop.phase.rest(rest) }
            } catch {
                shop.noteFailure(.redis, .receiving, error)
                shop.phase.rest(pause.next())
            }
        }
    }

    /// Waits until a whole batch finds room: reading one by one would cost a call for each. Nil = not yet.
    private func waitForRoom() -> Int? {
        let wanted = min(shop.settings.receiveBatch, max(1, shop.settings.inFlightLimit / 2))
        return shop.flights.wait(until: .now().adding(Receiving.wait)) { table in
            let room = shop.room(in: table)
            return room >= wanted ? room : nil
        }
    }
}
