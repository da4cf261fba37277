import Model

/// Reads the `Retry-After` of an answer (RFC 9110, 10.2.3): seconds, or a date.
enum RetryAfter {
    /// How long the receiver asks to be left alone, in whole seconds from `now`; at least 0, at most a year.
    ///
    /// Nil when the value is neither of the two forms: then the receiver has not asked.
    static func seconds(_ value: String, now: Timestamp) -> Int64? {
        let longest: Int64 = 31_536_000
        if !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // More digits than a number has: longer than any.
            return min(Int64(value) ?? longest, longest)
        }
        guard let date = HTTPDate(parsing: value, now: now) else { return nil }
        let microseconds = date.timestamp.microseconds - now.microseconds
        return min(max((microseconds + 999_999) / 1_000_000, 0), longest)
    }
}
