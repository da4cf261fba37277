import Buffer
package import Logging
package import Model
import Queue
package import Redis
import System

/// Hands the mails of the mail queue to the mail server, one after the other, on a thread of its own.
///
/// A mail that is not taken for now is tried again later and holds up no other; one that is refused for good becomes a
/// dead letter with the server's words. A mail is sent twice only when the worker dies, or loses Redis, between the
/// server's last word and the queue's; its `Message-ID` is the same then.
package final class MailWorker: Sendable {
    private let makeLoop: @Sendable (_ isStopping: ThreadFlag) -> MailLoop
    private let log: Logger
    private let isStopping = ThreadFlag()
    private let hasEnded = ThreadFlag()
    private let thread = Lock<PosixThread?>(nil)

    /// - Parameters:
    ///   - makeConnection: called once, on the worker's thread; the connection is the worker's own.
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
                queue: DeliveryQueue(connection: makeConnection(), settings: settings.queue), handler: handler,
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

    /// Takes no more mails and waits for the one that is under way, up to `limit`; a mail that is not done by then stays
    /// in the queue. Returns whether the thread has ended.
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
            log.warning("a mail was still under way at the end; it is sent again by the next worker")
            return false
        }
        running.join()
        return true
    }
}
