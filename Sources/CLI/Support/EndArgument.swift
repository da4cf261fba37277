import Model

/// When something ends: a time, or a number of days or hours from now (`90d`, `12h`).
struct EndArgument {
    /// Nil when `text` is neither.
    static func timestamp(_ text: String, from now: Timestamp) -> Timestamp? {
        if let timestamp = Timestamp(parsing: text) { return timestamp }
        let units: [Character: Int64] = ["d": 86400, "h": 3600]
        // 100 000 days are 270 years: more would be a slip.
        guard let last = text.last, let unit = units[last], let count = Int64(text.dropLast()),
            (1...100_000).contains(count)
        else { return nil }
        return now.adding(seconds: count * unit)
    }
}
