import Model

/// Reads dates as HTTP writes them (RFC 9110, 5.6.7), all three forms: `Sun, 06 Nov 1994 08:49:37 GMT`, the older
/// `Sunday, 06-Nov-94 08:49:37 GMT`, and C's `Sun Nov  6 08:49:37 1994`.
///
/// The day of the week must be one, and need not be the right one. A leap second counts as the second before it.
struct HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let longDays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    /// The longest form is 33 bytes: `Wednesday, 09-Nov-94 08:49:37 GMT`.
    private static let maximumByteCount = 33

    let timestamp: Timestamp

    /// - Parameter now: what the two digits of an old form's year are completed by: the latest that is
    ///   at most 50 years ahead.
    init?(parsing text: String, now: Timestamp) {
        guard text.utf8.count <= HTTPDate.maximumByteCount else { return nil }
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard let date = HTTPDate.fixed(words) ?? HTTPDate.old(words, now: now) ?? HTTPDate.asctime(words),
            date.isValid
        else { return nil }
        timestamp = date.timestamp
    }

    private static func fixed(_ words: [String]) -> CivilDate? {
        guard words.count == 6, words[5] == "GMT", words[0].hasSuffix(","), days.contains(String(words[0].dropLast())),
            let day = number(words[1], digits: 2), let month = months.firstIndex(of: words[2]),
            let year = number(words[3], digits: 4)
        else { return nil }
        return date(year, month + 1, day, time: words[4])
    }

    private static func old(_ words: [String], now: Timestamp) -> CivilDate? {
        guard words.count == 4, words[3] == "GMT", words[0].hasSuffix(","),
            longDays.contains(String(words[0].dropLast()))
        else { return nil }
        let parts = words[1].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let day = number(parts[0], digits: 2), let month = months.firstIndex(of: parts[1]),
            let yearOfCentury = number(parts[2], digits: 2)
        else { return nil }
        let thisYear = CivilDate(now).year
        var year = thisYear - thisYear % 100 + yearOfCentury
        if year > thisYear + 50 { year -= 100 } else if year < thisYear - 49 { year += 100 }
        return date(year, month + 1, day, time: words[2])
    }

    private static func asctime(_ words: [String]) -> CivilDate? {
        // A day of one digit has a second space before it.
        let words = words.count == 6 && words[2].isEmpty && words[3].utf8.count == 1 ? words.dropping(2) : words
        guard words.count == 5, days.contains(words[0]), let month = months.firstIndex(of: words[1]),
            let day = number(words[2], digits: words[2].utf8.count == 1 ? 1 : 2),
            let year = number(words[4], digits: 4)
        else { return nil }
        return date(year, month + 1, day, time: words[3])
    }

    private static func date(_ year: Int, _ month: Int, _ day: Int, time: String) -> CivilDate? {
        let parts = time.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let hour = number(parts[0], digits: 2), let minute = number(parts[1], digits: 2),
            let second = number(parts[2], digits: 2)
        else { return nil }
        return CivilDate(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second == 60 ? 59 : second)
    }

    private static func number(_ text: String, digits: Int) -> Int? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}

extension [String] {
    fileprivate func dropping(_ index: Int) -> [String] {
        var rest = self
        rest.remove(at: index)
        return rest
    }
}
