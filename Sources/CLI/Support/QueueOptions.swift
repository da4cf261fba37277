import ArgumentParser
import Buffer
import Queue

/// The queues that there are.
enum QueueName: String, CaseIterable, ExpressibleByArgument {
    /// Webhooks to be sent.
    case events
    /// Mails to be sent.
    case mail
}

/// Which queue a command works on.
struct QueueOptions: ParsableArguments {
    @Option(help: "Which queue: events or mail.")
    var queue = QueueName.events

    @OptionGroup var redisOptions: RedisOptions

    /// The queue, its connection not yet made.
    func deliveryQueue() throws(CommandFailure) -> DeliveryQueue {
        DeliveryQueue(
            connection: try redisOptions.connection(), settings: try CommandDeliverySettings().queue(queue))
    }
}
