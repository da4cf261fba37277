import Buffer
package import Queue

/// How mails are taken from their queue, and how often one is tried.
package struct MailWorkerSettings: Sendable {
    package var queue: DeliveryQueueSettings
    /// A name that no other running worker has.
    package var consumer: String
    /// Before the second attempt, the third, and so on; when they are used up the mail is given up.
    package var retryDelays: [Duration]
    /// Up to so many per cent of a delay are added, never taken away.
    package var jitterPercent: Int
    /// How long the worker asks the queue at a time, and how exactly delays are kept.
    package var wait: Duration
    /// While Redis or the mail server is down, the pause between two attempts grows from the first to the second.
    package var pauses: ClosedRange<Duration>
    /// How often the mails of workers that died, and the names of workers that are gone, are looked for.
    package var careInterval: Duration
    /// A mail that ended so many workers, or was too slow for them, is given up.
    package var maximumDeliveryCount: Int

    /// About three days of attempts.
    package static let defaultRetryDelays: [Duration] = [
        .seconds(60), .seconds(300), .seconds(1800), .seconds(7200), .seconds(6 * 3600), .seconds(12 * 3600),
        .seconds(24 * 3600), .seconds(24 * 3600),
    ]

    package init(
        queue: DeliveryQueueSettings = .mail, consumer: String,
        retryDelays: [Duration] = MailWorkerSettings.defaultRetryDelays, jitterPercent: Int = 10,
        wait: Duration = .seconds(1), pauses: ClosedRange<Duration> = .seconds(1) ... .seconds(60),
        careInterval: Duration = .seconds(10), maximumDeliveryCount: Int = 5
    ) {
        self.queue = queue
        self.consumer = consumer
        self.retryDelays = retryDelays
        self.jitterPercent = jitterPercent
        self.wait = wait
        self.pauses = pauses
        self.careInterval = careInterval
        self.maximumDeliveryCount = maximumDeliveryCount
    }
}
