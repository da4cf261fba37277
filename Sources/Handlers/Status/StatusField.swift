import WireJSON

/// One fact of the status page, as each of the three formats shows it; nil in a format that does not have it.
struct StatusField {
    /// A line of the text format.
    var line: Line?
    /// A member of the JSON object.
    var member: JSONValue.Member?
    /// A family of the OpenMetrics format.
    var family: MetricFamily?

    struct Line {
        var key: String
        var value: String
    }

    init(line: Line? = nil, member: JSONValue.Member? = nil, family: MetricFamily? = nil) {
        self.line = line
        self.member = member
        self.family = family
    }

    /// A string that text and JSON show under the same name.
    static func string(_ name: String, _ value: String) -> StatusField {
        StatusField(line: Line(key: name, value: value), member: JSONValue.Member(name: name, value: .string(value)))
    }

    /// A number that text and JSON show.
    ///
    /// - Parameter jsonName: the JSON member's name; nil = `name`.
    static func number(
        _ name: String, _ value: some BinaryInteger, jsonName: String? = nil, family: MetricFamily? = nil
    ) -> StatusField {
        StatusField(
            line: Line(key: name, value: String(value)),
            member: JSONValue.Member(name: jsonName ?? name, value: .number(String(value))), family: family)
    }

    /// A line that only the text format has.
    static func line(_ key: String, _ value: String) -> StatusField {
        StatusField(line: Line(key: key, value: value))
    }

    /// A member that only the JSON format has.
    static func member(_ name: String, _ value: JSONValue, family: MetricFamily? = nil) -> StatusField {
        StatusField(member: JSONValue.Member(name: name, value: value), family: family)
    }

    /// A family that only the OpenMetrics format has.
    static func family(_ family: MetricFamily) -> StatusField {
        StatusField(family: family)
    }
}

/// A family of metrics with its samples.
struct MetricFamily {
    typealias Label = (name: String, value: String)

    enum Kind: String {
        case counter, gauge, histogram, info
    }

    struct Sample {
        /// What follows the family's name: `_total`, `_bucket`, or nothing.
        var suffix = ""
        var labels: [Label]
        /// A decimal number.
        var value: String
    }

    var name: String
    var kind: Kind
    /// The last part of the name, where there is one.
    var unit: String?
    var help: String
    var samples: [Sample] = []

    /// A gauge with one sample.
    static func gauge(
        _ name: String, _ labels: [Label], _ value: some BinaryInteger, unit: String? = nil, help: String
    ) -> MetricFamily {
        MetricFamily(
            name: name, kind: .gauge, unit: unit, help: help, samples: [Sample(labels: labels, value: String(value))])
    }

    /// A counter with one sample.
    static func counter(
        _ name: String, _ labels: [Label], _ value: some BinaryInteger, help: String
    ) -> MetricFamily {
        MetricFamily(
            name: name, kind: .counter, help: help,
            samples: [Sample(suffix: "_total", labels: labels, value: String(value))])
    }

    /// The samples of one histogram: cumulative buckets, count and sum.
    ///
    /// - Parameters:
    ///   - bounds: upper bounds in microseconds; one more bucket has no bound.
    ///   - sum: in microseconds.
    mutating func addHistogram(
        _ labels: [Label], bounds: [Int64], cumulativeCounts: [Int64], count: Int64, sum: Int64
    ) {
        let bounds = bounds.map { decimalSeconds(microseconds: $0) } + ["+Inf"]
        for (bound, count) in zip(bounds, cumulativeCounts) {
            samples.append(Sample(suffix: "_bucket", labels: labels + [("le", bound)], value: String(count)))
        }
        samples.append(Sample(suffix: "_count", labels: labels, value: String(count)))
        samples.append(Sample(suffix: "_sum", labels: labels, value: decimalSeconds(microseconds: sum)))
    }
}

extension JSONValue {
    static func number(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

    static func object(of members: [(String, JSONValue)]) -> JSONValue {
        .object(members.map { Member(name: $0.0, value: $0.1) })
    }
}

/// Seconds with a decimal point, at least one digit after it and no trailing zeros beyond that, as OpenMetrics writes
/// the bounds of buckets. Negative durations count as 0.
func decimalSeconds(microseconds: Int64) -> String {
    let microseconds = max(0, microseconds)
    let digits = String(microseconds % 1_000_000)
    var fraction = Substring(String(repeating: "0", count: 6 - digits.count) + digits)
    while fraction.count > 1, fraction.hasSuffix("0") { fraction = fraction.dropLast() }
    return "\(microseconds / 1_000_000).\(fraction)"
}
