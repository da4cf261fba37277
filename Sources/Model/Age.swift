/// A duration in its two largest units, for output: `3d 4h`, `12m 5s`, `0.4s`.
package struct Age: CustomStringConvertible, Sendable {
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = max(0, microseconds)
    }

    /// From `start` to `end`; zero when `end` is earlier.
    package init(from start: Timestamp, to end: Timestamp) {
        let (difference, overflows) = end.microseconds.subtractingReportingOverflow(start.microseconds)
        self.init(microseconds: overflows ? (end < start ? 0 : .max) : difference)
    }

    package var description: String {
        let seconds = microseconds / 1_000_000
        if seconds < 10 { return "\(seconds).\(microseconds / 100_000 % 10)s" }
        let units: [(name: String, seconds: Int64)] = [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)]
        guard let first = units.firstIndex(where: { seconds >= $0.seconds }) else { return "0s" }
        let larger = "\(seconds / units[first].seconds)\(units[first].name)"
        guard first + 1 < units.count else { return larger }
        let remainder = seconds % units[first].seconds / units[first + 1].seconds
        return remainder == 0 ? larger : "\(larger) \(remainder)\(units[first + 1].name)"
    }
}

extension Int {
    /// The number and the noun, which is plural unless the number is 1: `1 success`, `0 successes`, `2 entries`.
    ///
    /// - Parameter noun: an English noun with a regular plural, in the singular.
    package func counted(_ noun: String) -> String {
        if self == 1 { return "1 \(noun)" }
        if ["s", "x", "z", "ch", "sh"].contains(where: noun.hasSuffix) { return "\(self) \(noun)es" }
        let isAfterVowel = noun.dropLast().last.map { "aeiou".contains($0) } ?? true
        return noun.hasSuffix("y") && !isAfterVowel ? "\(self) \(noun.dropLast())ies" : "\(self) \(noun)s"
    }
}
