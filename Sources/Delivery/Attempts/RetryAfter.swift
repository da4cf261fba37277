import Model

/// Reads the `Retry-After` of a response (RFC 9110, 10.2.3): seconds, or a date.
enum RetryAfter {
    /// The longest delay that is read, a year in seconds.
    private static let longest: Int64 = 31_536_000

    /// The delay that the receiver asks for, in whole seconds from `now`, rounded up: 0 to a year.
    ///
    /// Nil when the value is neither a number of seconds nor a date: then it counts as absent.
    static func seconds(_ value: String, now: Timestamp) -> Int64? {
        if !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // More digits than fit 64 bits: longer than a year.
            return min(Int64(value) ?? longest, longest)
        }
        guard let date = HTTPDate(parsing: value) else { return nil }
        let microseconds = date.timestamp.microseconds - now.microseconds
        return min(max((microseconds + 999_999) / 1_000_000, 0), longest)
    }
}

/// A date as HTTP writes it, IMF-fixdate (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// The two obsolete forms, of RFC 850 and of C's asctime, are not read, although the RFC wants recipients to:
/// `Retry-After` is the only field that is read, senders must not write them, and without a date the retry table's
/// delay applies. The day of the week must be one, but need not be the right one. A leap second counts as the second
/// before it.
private struct HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    /// Every date of this form has this length.
    private static let byteCount = 29

    let timestamp: Timestamp

    init?(parsing value: String) {
        guard value.utf8.count == HTTPDate.byteCount else { return nil }
        let words = value.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 6, words[5] == "GMT", words[0].hasSuffix(","),
            HTTPDate.days.contains(String(words[0].dropLast())), let day = HTTPDate.number(words[1], digits: 2),
            let month = HTTPDate.months.firstIndex(of: words[2]), let year = HTTPDate.number(words[3], digits: 4),
            let (hour, minute, second) = HTTPDate.time(words[4])
        else { return nil }
        let date = CivilDate(
            year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second == 60 ? 59 : second)
        guard date.isValid else { return nil }
        timestamp = date.timestamp
    }

    private static func time(_ word: String) -> (hour: Int, minute: Int, second: Int)? {
        let parts = word.split(separator: ":", omittingEmptySubsequences: false).map { number(String($0), digits: 2) }
        guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2] else { return nil }
        return (hour, minute, second)
    }

    private static func number(_ word: String, digits: Int) -> Int? {
        guard word.utf8.count == digits, word.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(word)
    }
}
