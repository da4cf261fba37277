/// How long something takes or has been there, for people: the two largest units, `3d 4h`, `12m 5s`, `0.4s`.
package struct Age: CustomStringConvertible, Sendable {
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = max(0, microseconds)
    }

    /// From `start` to `end`; nothing when that is backwards.
    package init(from start: Timestamp, to end: Timestamp) {
        self.init(microseconds: end.microseconds - start.microseconds)
    }

    package var description: String {
        let seconds = microseconds / 1_000_000
        if seconds < 10 { return "\(seconds).\(microseconds / 100_000 % 10)s" }
        let units: [(name: String, seconds: Int64)] = [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)]
        guard let first = units.firstIndex(where: { seconds >= $0.seconds }) else { return "0s" }
        let larger = "\(seconds / units[first].seconds)\(units[first].name)"
        guard first + 1 < units.count else { return larger }
        let rest = seconds % units[first].seconds / units[first + 1].seconds
        return rest == 0 ? larger : "\(larger) \(rest)\(units[first + 1].name)"
    }
}
