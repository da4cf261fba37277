extension Timestamp {
    /// Python's `str(datetime)` in UTC: `2019-09-25 23:54:54.440000+00:00`, the fraction left out when it is zero.
    ///
    /// The form of `date` in a stored webhook request (contract 1.4).
    package var pythonDescription: String {
        let date = CivilDate(self)
        return dateText(date) + " " + timeText(date) + fractionText(date) + "+00:00"
    }

    /// ISO 8601 as Django REST framework writes it: `2023-01-01T00:00:00.123456Z`, the fraction left out when zero.
    package var iso8601Description: String {
        let date = CivilDate(self)
        return dateText(date) + "T" + timeText(date) + fractionText(date) + "Z"
    }

    private func dateText(_ date: CivilDate) -> String {
        padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2)
    }

    private func timeText(_ date: CivilDate) -> String {
        padded(date.hour, 2) + ":" + padded(date.minute, 2) + ":" + padded(date.second, 2)
    }

    private func fractionText(_ date: CivilDate) -> String {
        date.microsecond == 0 ? "" : "." + padded(date.microsecond, 6)
    }

    private func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
