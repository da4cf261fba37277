/// The counters of delivery, over all workers.
package enum DeliveryCounter: String, CaseIterable, Sendable {
    /// Attempts by outcome (docs/protocol.md 7.4).
    case responses = "http_response"
    /// Events that were processed, sent or not (docs/protocol.md 7.1).
    case processed
    /// Deliveries that were scheduled for another attempt.
    case retries
    /// Deliveries that became dead letters.
    case deadLetters = "dead_letters"
    /// Apps that were disabled automatically.
    case appsDisabled = "apps_disabled"
    /// Circuit breakers that opened.
    case breakerOpenings = "breaker_openings"

    /// The names of a series' tags, in the order of their values.
    package var tagNames: [String] {
        switch self {
        case .responses: ["status", "integration", "webhook_event"]
        case .processed: ["change_event"]
        case .retries, .deadLetters, .appsDisabled, .breakerOpenings: []
        }
    }
}

/// One counter with a value for each of its tags.
package struct MetricSeries: Hashable, Sendable {
    /// Longer values are truncated.
    package static let maximumTagBytes = 128

    package let counter: DeliveryCounter
    /// In the order of `counter.tagNames`.
    package let tags: [String]

    /// - Parameter tags: one value for each of the counter's tag names.
    package init(_ counter: DeliveryCounter, tags: [String] = []) {
        precondition(tags.count == counter.tagNames.count, "a value for each tag")
        self.counter = counter
        self.tags = tags.map(MetricSeries.truncated)
    }

    /// The series for everything beyond the limit of series.
    package static func overflow(of counter: DeliveryCounter) -> MetricSeries {
        MetricSeries(counter, tags: counter.tagNames.map { _ in "other" })
    }

    private static func truncated(_ value: String) -> String {
        guard value.utf8.count > maximumTagBytes else { return value }
        var result = ""
        for scalar in value.unicodeScalars {
            guard result.utf8.count + UTF8.width(scalar) <= maximumTagBytes else { break }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}

extension MetricSeries: Comparable {
    /// In the order of the counters, then of the tags.
    package static func < (left: MetricSeries, right: MetricSeries) -> Bool {
        guard left.counter == right.counter else { return left.counter.position < right.counter.position }
        return left.tags.lexicographicallyPrecedes(right.tags)
    }
}

extension DeliveryCounter {
    fileprivate var position: Int { DeliveryCounter.allCases.firstIndex(of: self) ?? 0 }
}
