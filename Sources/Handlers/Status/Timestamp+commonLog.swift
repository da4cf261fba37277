import Model

extension Timestamp {
    /// `21/Nov/2026:08:00:00 +0000`, the form of php-fpm's status page, in UTC.
    var commonLogDescription: String {
        let date = CivilDate(self)
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let time = [date.hour, date.minute, date.second].map { ":" + Timestamp.twoDigits($0) }.joined()
        return "\(Timestamp.twoDigits(date.day))/\(months[date.month - 1])/\(date.year)\(time) +0000"
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
