/// A field of the hash `hookline:{metrics}`: what one number there counts.
///
/// Parts are separated by `|`; what a part must not contain is percent-encoded, so that no two series share a field:
/// `http_response|200|sample-app|issue.created`, `duration|500|count`, `duration|inf|sum`.
enum MetricField: Hashable {
    case counter(MetricSeries)
    /// How many times lie in a bucket; nil = above every bound.
    case latencyCount(DeliveryLatency, bound: Int64?)
    /// Their sum in milliseconds.
    case latencySum(DeliveryLatency, bound: Int64?)

    var text: String {
        switch self {
        case .counter(let series):
            ([series.counter.rawValue] + series.tags.map(PercentText.encoded)).joined(separator: "|")
        case .latencyCount(let latency, let bound):
            [latency.rawValue, MetricField.text(bound), "count"].joined(separator: "|")
        case .latencySum(let latency, let bound):
            [latency.rawValue, MetricField.text(bound), "sum"].joined(separator: "|")
        }
    }

    /// Nil for a field of another release, or of nobody's.
    init?(parsing text: String) {
        // By scalars: a tag may begin with a mark that would make one character with the separator.
        let parts = text.unicodeScalars.split(separator: "|", omittingEmptySubsequences: false)
        let values = parts.compactMap { PercentText.decoded(String($0)) }
        guard values.count == parts.count, let name = values.first else { return nil }
        if let counter = DeliveryCounter(rawValue: name) {
            guard values.count == counter.tagNames.count + 1 else { return nil }
            self = .counter(MetricSeries(counter, tags: Array(values.dropFirst())))
            return
        }
        guard let latency = DeliveryLatency(rawValue: name), values.count == 3 else { return nil }
        let bound = Int64(values[1])
        guard bound != nil || values[1] == "inf" else { return nil }
        switch values[2] {
        case "count": self = .latencyCount(latency, bound: bound)
        case "sum": self = .latencySum(latency, bound: bound)
        default: return nil
        }
    }

    /// Where the number goes when there are too many fields.
    var overflow: MetricField {
        if case .counter(let series) = self { .counter(.overflow(of: series.counter)) } else { self }
    }

    private static func text(_ bound: Int64?) -> String { bound.map(String.init) ?? "inf" }
}
