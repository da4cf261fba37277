import Model

/// A moment in the past: a time, or how long ago (`2h`, `3d`, `30m`, `45s`, with or without ` ago`).
enum StartArgument {
    /// Nil when `text` is neither.
    static func timestamp(_ text: String, from now: Timestamp) -> Timestamp? {
        if let timestamp = Timestamp(parsing: text) { return timestamp }
        if text == "now" { return now }
        let units: [Character: Int64] = ["d": 86400, "h": 3600, "m": 60, "s": 1]
        let amount = text.hasSuffix(" ago") ? text.dropLast(4) : text[...]
        // A million seconds are eleven days, and 100 000 days 270 years: more would be a slip.
        guard let last = amount.last, let unit = units[last], let count = Int64(amount.dropLast()),
            (0...1_000_000).contains(count), count * unit <= 100_000 * 86400
        else { return nil }
        return now.adding(seconds: -count * unit)
    }

    /// The moment that an option names; nil when it is not given.
    static func timestamp(
        option name: String, _ text: String?, from now: Timestamp
    ) throws(CommandFailure) -> Timestamp? {
        guard let text else { return nil }
        guard let timestamp = timestamp(text, from: now) else {
            throw CommandFailure(
                .data,
                "\(name): \"\(text)\" is neither a time such as 2024-01-31T12:00:00Z nor how long ago, such as 2h or 3d"
            )
        }
        return timestamp
    }
}
