import ArgumentParser
import Management
import Model

/// A date with a time.
enum TimeArgument {
    /// The time of an option; nil when it is not given.
    static func timestamp(option name: String, _ text: String?) throws(CommandFailure) -> Timestamp? {
        guard let text else { return nil }
        guard let timestamp = Timestamp(parsing: text) else {
            throw CommandFailure(.data, "\(name): \"\(text)\" is not a time such as 2024-01-31T12:00:00Z")
        }
        return timestamp
    }
}

/// A time in the past: a date, or an age (`2h`, `3d`, `30m`, `45s`, with or without ` ago`).
enum StartArgument {
    /// Nil when `text` is invalid.
    static func timestamp(_ text: String, from now: Timestamp) -> Timestamp? {
        if let timestamp = Timestamp(parsing: text) { return timestamp }
        if text == "now" { return now }
        let units: [Character: Int64] = ["d": 86400, "h": 3600, "m": 60, "s": 1]
        let amount = text.hasSuffix(" ago") ? text.dropLast(4) : text[...]
        // At most a million units and 100 000 days (270 years): more is a mistake.
        guard let last = amount.last, let unit = units[last], let count = Int64(amount.dropLast()),
            (0...1_000_000).contains(count), count * unit <= 100_000 * 86400
        else { return nil }
        return now.adding(seconds: -count * unit)
    }

    /// The time of an option; nil when it is not given.
    static func timestamp(
        option name: String, _ text: String?, from now: Timestamp
    ) throws(CommandFailure) -> Timestamp? {
        guard let text else { return nil }
        guard let timestamp = timestamp(text, from: now) else {
            throw CommandFailure(
                .data,
                "\(name): \"\(text)\" is neither a time such as 2024-01-31T12:00:00Z nor an age such as 2h or 3d"
            )
        }
        return timestamp
    }
}

/// A time in the future: a date, or days or hours from now (`90d`, `12h`).
struct EndArgument {
    /// Nil when `text` is invalid.
    static func timestamp(_ text: String, from now: Timestamp) -> Timestamp? {
        if let timestamp = Timestamp(parsing: text) { return timestamp }
        let units: [Character: Int64] = ["d": 86400, "h": 3600]
        // At most 100 000 days (270 years): more is a mistake.
        guard let last = text.last, let unit = units[last], let count = Int64(text.dropLast()),
            (1...100_000).contains(count)
        else { return nil }
        return now.adding(seconds: count * unit)
    }
}

/// How long a former secret stays valid: a date, or minutes, hours or days from now; `0` for not at all.
enum OverlapArgument {
    static let help: ArgumentHelp =
        "How long the old one stays valid: 90m, 24h, 7d, a time, or 0 for not at all. (default: 24h)"

    /// - Parameter text: nil when the option is not given.
    static func end(_ text: String?, from now: Timestamp) throws(CommandFailure) -> Timestamp {
        guard let text else { return now.adding(seconds: SecretRotation.defaultOverlapSeconds) }
        if text == "0" { return now }
        guard let end = EndArgument.timestamp(text, from: now) ?? minutes(text, from: now) else {
            throw CommandFailure(
                .data, "--overlap: \"\(text)\" is neither a duration such as 90m, 24h or 7d, nor a time, nor 0")
        }
        guard end > now else {
            throw CommandFailure(.data, "--overlap: \"\(text)\" is in the past; 0 is no overlap")
        }
        let maximum = RotationFields.maximumOverlapSeconds
        guard end <= now.adding(seconds: maximum) else {
            throw CommandFailure(.data, "--overlap: \"\(text)\" is more than \(maximum / 86_400) days")
        }
        return end
    }

    private static func minutes(_ text: String, from now: Timestamp) -> Timestamp? {
        // More digits are a mistake.
        guard text.last == "m", let minutes = Int64(text.dropLast()), (1...999_999_999).contains(minutes) else {
            return nil
        }
        return now.adding(seconds: 60 * minutes)
    }
}
