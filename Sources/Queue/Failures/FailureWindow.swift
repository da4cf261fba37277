package import Model

/// What became of an app's webhooks since its last success, over all organizations, and its timeouts of one day.
package struct FailureWindow: Hashable, Sendable {
    /// The failures since the last success.
    package struct Failures: Hashable, Sendable {
        package var first: Timestamp
        package var last: Timestamp
        /// Different events among them; not counted beyond `FailureWindows.eventLimit`.
        package var eventCount: Int
        /// Calendar days (UTC) with failures.
        package var dayCount: Int

        package init(first: Timestamp, last: Timestamp, eventCount: Int, dayCount: Int) {
            self.first = first
            self.last = last
            self.eventCount = eventCount
            self.dayCount = dayCount
        }
    }

    /// Nil when the last outcome was a success, or nothing is known.
    package var failures: Failures?
    /// The highest percentage of the limit that owners were warned of since the last success; 0 = none.
    package var warnedPercent: Int
    /// Timeouts and successes of the last day with one of them; 0 unless they are counted.
    package var timeouts: Int
    package var successes: Int

    package init(failures: Failures? = nil, warnedPercent: Int = 0, timeouts: Int = 0, successes: Int = 0) {
        self.failures = failures
        self.warnedPercent = warnedPercent
        self.timeouts = timeouts
        self.successes = successes
    }
}

/// One outcome of a webhook, for the failure window of its destination.
package struct WindowOutcome: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case success, failure, timeout
    }

    package var destination: WebhookDestination
    package var kind: Kind
    package var date: Timestamp
    /// Tells events apart: the `Request-ID`, or that of the original event.
    package var eventID: String

    package init(_ destination: WebhookDestination, kind: Kind, date: Timestamp, eventID: String) {
        self.destination = destination
        self.kind = kind
        self.date = date
        self.eventID = eventID
    }
}
