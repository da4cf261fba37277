/// What delivery counts, over all workers.
package enum DeliveryCounter: String, CaseIterable, Sendable {
    /// One attempt and what came of it (contract 7.4).
    case responses = "http_response"
    /// Events that the flow has dealt with, sent or not (contract 7.1).
    case processed
    /// Deliveries that were scheduled for another attempt.
    case retries
    /// Deliveries that were given up and kept.
    case deadLetters = "dead_letters"
    /// Apps that were disabled because they are broken.
    case appsDisabled = "apps_disabled"

    /// The names of a series' tags, in the order of their values.
    package var tagNames: [String] {
        switch self {
        case .responses: ["status", "integration", "webhook_event"]
        case .processed: ["change_event"]
        case .retries, .deadLetters, .appsDisabled: []
        }
    }
}

/// What delivery measures the time of.
package enum DeliveryLatency: String, CaseIterable, Sendable {
    /// One attempt, from the moment it was sent to its end.
    case duration
    /// From the queue's acceptance of an event to the end of its first attempt.
    case delay

    /// The upper bounds of the buckets, in milliseconds, ascending; one more bucket takes what is above.
    ///
    /// An attempt cannot take longer than its time-out, 30 s at most; an event can wait for as long as no worker runs.
    package var bounds: [Int64] {
        switch self {
        case .duration: DeliveryLatency.durationBounds
        case .delay: DeliveryLatency.delayBounds
        }
    }

    // Made once: a bound is looked up for each attempt.
    private static let durationBounds: [Int64] = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000]
    private static let delayBounds: [Int64] = [
        10, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000,
    ]

    /// The bucket that a time belongs to: the first whose bound is not below it.
    package func bucket(milliseconds: Int64) -> Int {
        let bounds = bounds
        return bounds.firstIndex { milliseconds <= $0 } ?? bounds.count
    }
}
