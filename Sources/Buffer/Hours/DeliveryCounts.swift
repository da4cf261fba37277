package import Model
package import Redis

/// How the attempts to deliver webhooks to an app in a span of time ended.
package struct DeliveryCounts: Hashable, Sendable {
    /// Attempts that the app acknowledged: 200 to 299.
    package var succeeded: Int64
    /// All others, timeouts included.
    package var failed: Int64
    package var timeouts: Int64
    /// Of the attempts with a response, and of timeouts, as the log has them.
    package var durations: DurationHistogram

    package init(
        succeeded: Int64 = 0, failed: Int64 = 0, timeouts: Int64 = 0,
        durations: DurationHistogram = DurationHistogram()
    ) {
        self.succeeded = succeeded
        self.failed = failed
        self.timeouts = timeouts
        self.durations = durations
    }

    package var attempts: Int64 { saturatingSum(succeeded, failed) }

    /// Of all attempts, 0 to 1; nil without any.
    package var successRate: Double? { attempts > 0 ? Double(succeeded) / Double(attempts) : nil }

    package mutating func add(_ other: DeliveryCounts) {
        succeeded = saturatingSum(succeeded, other.succeeded)
        failed = saturatingSum(failed, other.failed)
        timeouts = saturatingSum(timeouts, other.timeouts)
        durations.add(other.durations)
    }

    /// Counts a row of the log, unless no attempt was made or its end is unknown.
    package mutating func record(_ record: WebhookRequestRecord) {
        guard WebhookRequestRecord.tellsOutcome(reason: record.reason) else { return }
        let isTimeout = record.reason == WebhookRequestRecord.timeoutReason
        if (200..<300).contains(record.responseCode) { succeeded += 1 } else { failed += 1 }
        if isTimeout { timeouts += 1 }
        guard record.responseCode > 0 || isTimeout, let duration = record.durationMilliseconds else { return }
        durations.record(milliseconds: Int64(duration))
    }
}

/// The counts of one hour.
package struct DeliveryHour: Hashable, Sendable {
    /// Seconds since the epoch, a multiple of 3600.
    package var start: Int64
    package var counts: DeliveryCounts

    package init(start: Int64, counts: DeliveryCounts) {
        self.start = start
        self.counts = counts
    }
}

/// Reads the counts of apps. One object serves one thread.
package protocol DeliveryHourReading: AnyObject {
    /// The hours of an app with attempts that begin in `range`, ascending; see `DeliveryHours`.
    ///
    /// - Parameter range: in seconds since the epoch.
    func hours(appID: Int64, startingIn range: Range<Int64>, now: Timestamp) throws(RedisError) -> [DeliveryHour]
}
