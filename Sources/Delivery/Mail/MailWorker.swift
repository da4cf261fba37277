package import Logging
package import Model
package import Queue
package import Redis
import System

/// Sends the mails of the mail queue to the mail server, one after the other, on its own thread.
///
/// A mail that is refused temporarily is retried later and delays no other; one that is refused permanently becomes a
/// dead letter with the server's reply. A mail is sent twice only when the worker dies, or loses Redis, between the
/// server's reply and the settlement; it has the same `Message-ID` then.
package final class MailWorker: Sendable {
    private let makeLoop: @Sendable (_ isStopping: ThreadFlag) -> MailLoop
    private let log: Logger
    private let isStopping = ThreadFlag()
    private let hasEnded = ThreadFlag()
    private let thread = Lock<PosixThread?>(nil)

    /// - Parameters:
    ///   - makeConnection: called once, on the worker's thread.
    ///   - random: 0 to 1, for the jitter of delays.
    package init(
        settings: MailWorkerSettings, makeConnection: @escaping @Sendable () -> RedisConnection,
        mails: AutoDisableMails, smtp: SMTPSettings, from: MailAddress, log: Logger, clock: WallClock = .system,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.log = log
        makeLoop = { isStopping in
            let handler = MailHandler(
                settings: settings, mails: mails, client: SMTPClient(settings: smtp), from: from, log: log,
                clock: clock, random: random)
            return MailLoop(
                settings: settings, visibilityTimeout: smtp.timeout + .seconds(30),
                queue: DeliveryQueue(connection: makeConnection(), settings: settings.queue, clock: clock),
                handler: handler,
                isStopping: isStopping, log: log, clock: clock)
        }
    }

    deinit {
        isStopping.set()
        thread.withLock { $0 }?.detach()
    }

    /// Starts the thread; once only.
    package func start() throws(SenderError) {
        try thread.withLock { (thread) throws(SenderError) in
            guard thread == nil else { return }
            let (makeLoop, isStopping, hasEnded) = (makeLoop, isStopping, hasEnded)
            thread = try PosixThread.startJoinable {
                makeLoop(isStopping).run()
                hasEnded.set()
            }
        }
    }

    /// Stops receiving and waits for the mail being sent, up to `limit`; a mail that is not sent by then stays in the
    /// queue. Returns whether the thread has ended.
    @discardableResult
    package func stop(within limit: Duration) -> Bool {
        isStopping.set()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let running else { return true }
        guard hasEnded.wait(until: .now().adding(limit)) else {
            running.detach()
            log.warning("a mail was still being sent at shutdown; the next worker sends it again")
            return false
        }
        running.join()
        return true
    }
}

/// How mails are received from their queue, and when they are retried.
package struct MailWorkerSettings: Sendable {
    package var queue: DeliveryQueueSettings
    /// The worker's consumer name; unique.
    package var consumer: String
    /// Before the second attempt, the third, and so on; after the last one the mail becomes a dead letter.
    package var retryDelays: [Duration]
    /// The longest random time that is added to a delay, in percent of it.
    package var jitterPercent: Int
    /// How long one read of the queue waits; also the accuracy of delays.
    package var wait: Duration
    /// Shortest and longest pause between two attempts while Redis or the mail server is unavailable.
    package var pauses: ClosedRange<Duration>
    /// How often mails of dead workers are claimed and consumer names removed.
    package var housekeepingInterval: Duration
    /// A mail that was delivered to workers this often without being settled becomes a dead letter.
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
        housekeepingInterval: Duration = .seconds(10), maximumDeliveryCount: Int = 5
    ) {
        self.queue = queue
        self.consumer = consumer
        self.retryDelays = retryDelays
        self.jitterPercent = jitterPercent
        self.wait = wait
        self.pauses = pauses
        self.housekeepingInterval = housekeepingInterval
        self.maximumDeliveryCount = maximumDeliveryCount
    }
}
