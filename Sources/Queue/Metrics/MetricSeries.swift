/// One counter with one value for each of its tags.
package struct MetricSeries: Hashable, Sendable {
    /// Longer values are cut.
    package static let maximumTagBytes = 128

    package let counter: DeliveryCounter
    /// In the order of `counter.tagNames`.
    package let tags: [String]

    /// - Parameter tags: as many as the counter has names for.
    package init(_ counter: DeliveryCounter, tags: [String] = []) {
        precondition(tags.count == counter.tagNames.count, "a value for each tag")
        self.counter = counter
        self.tags = tags.map(MetricSeries.shortened)
    }

    /// Where everything goes for which there is no series of its own any more.
    package static func overflow(of counter: DeliveryCounter) -> MetricSeries {
        MetricSeries(counter, tags: counter.tagNames.map { _ in "other" })
    }

    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > maximumTagBytes else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            guard result.utf8.count + UTF8.width(scalar) <= maximumTagBytes else { break }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}

extension MetricSeries: Comparable {
    /// The order of the catalogue, then that of the tags.
    package static func < (left: MetricSeries, right: MetricSeries) -> Bool {
        guard left.counter == right.counter else { return left.counter.position < right.counter.position }
        return left.tags.lexicographicallyPrecedes(right.tags)
    }
}

extension DeliveryCounter {
    fileprivate var position: Int { DeliveryCounter.allCases.firstIndex(of: self) ?? 0 }
}
