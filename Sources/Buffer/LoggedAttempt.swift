package import Model
import WireJSON

/// One row of the log in values, for those who show few of them. Absent and unreadable fields are nil.
package struct LoggedAttempt: Hashable, Sendable {
    package var date: Timestamp?
    /// The answer's status; 0 when there was none.
    package var code: Int
    /// 1 for the first attempt.
    package var number: Int64?
    package var durationMilliseconds: Int64?
    /// Why there was no answer, in a word.
    package var reason: String?
    package var url: String?
    package var responseBody: String?

    init(_ row: WebhookRequestRow, in bytes: [UInt8]) {
        func value(_ fragment: WebhookRequestRow.Fragment) -> JSONValue? {
            guard fragment.isPresent else { return nil }
            return try? JSONValue(parsing: Array(bytes[fragment.range]))
        }
        date = row.date
        code = row.responseCode
        number = value(row.attempt)?.integer
        durationMilliseconds = value(row.durationMilliseconds)?.integer
        reason = value(row.reason)?.string
        url = value(row.webhookURL)?.string
        responseBody = value(row.responseBody)?.string
    }

    /// `502`, `0 (timeout)`.
    package var outcome: String { reason.map { "\(code) (\($0))" } ?? String(code) }

    /// `2023-07-20T12:00:00Z`.
    package var time: String { date?.truncatedToSeconds.iso8601Description ?? "-" }

    package var isSuccess: Bool { (100..<400).contains(code) }

    /// Whether the log shows bodies of it (contract 2.6).
    package var hasFailed: Bool { code >= 400 || code == 0 }
}

extension WebhookRequestPage {
    package var attempts: [LoggedAttempt] { rows.map { LoggedAttempt($0, in: bytes) } }
}
