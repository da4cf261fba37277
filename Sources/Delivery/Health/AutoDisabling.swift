import Buffer
package import Model
package import Redis

/// Watches what becomes of attempts, and ends what stays broken (contract 7.6). One object serves one thread.
package protocol AutoDisabling: AnyObject {
    /// Counts attempts, warns, and disables what is broken by now.
    ///
    /// The attempts are recorded in the log and not yet settled in the queue. When this throws, nothing is known about
    /// the counts; the attempts are not observed again.
    func observe(_ attempts: [FinishedAttempt], now: Timestamp) throws(RedisError)

    /// Carries out what follows from disablings that nobody has completed: mails, forgetting of the counts, the log line.
    /// Called at the start and now and then.
    func completeDisablings(now: Timestamp) throws(RedisError)
}
