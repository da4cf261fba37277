package import Model
import WireJSON

/// Rows of the log as they are stored: every field is a range of `bytes` that holds a JSON fragment.
///
/// Nothing is decoded in advance, so that formatting a response is copying.
package struct WebhookRequestPage: Sendable {
    /// The rows' stored elements, concatenated; the rows' ranges refer to it.
    package var bytes: [UInt8]
    package var rows: [WebhookRequestRow]
    /// The number of elements skipped because they are too large, or not a JSON object with a number in `response_code`
    /// (docs/compatibility.md D14). Only elements that had to be examined are counted.
    package var skippedCount: Int

    package init(bytes: [UInt8], rows: [WebhookRequestRow], skippedCount: Int) {
        self.bytes = bytes
        self.rows = rows
        self.skippedCount = skippedCount
    }

    package static let empty = WebhookRequestPage(bytes: [], rows: [], skippedCount: 0)
}

/// One stored request: the ranges of its fields in the page's bytes, and the values that filters need.
package struct WebhookRequestRow: Sendable {
    /// The JSON of a field: a range of `WebhookRequestPage.bytes` in 32 bits; empty where the field is absent.
    package struct Fragment: Hashable, Sendable {
        package var lower: UInt32
        package var upper: UInt32

        package static let absent = Fragment(lower: 0, upper: 0)

        package init(lower: UInt32, upper: UInt32) {
            self.lower = lower
            self.upper = upper
        }

        @inlinable package var isPresent: Bool { upper > lower }
        @inlinable package var range: Range<Int> { Int(lower)..<Int(upper) }
    }

    /// Index into the query's `events`.
    package var eventIndex: Int
    /// The parsed date; nil when it is missing, empty or invalid. Such rows sort last.
    package var date: Timestamp?
    /// The numeric value of `response_code`; `true` is 1, as in Python; a fraction is truncated.
    package var responseCode: Int

    /// JSON fragments, including the quotes of strings. Of repeated names the last counts, as in Python, but of `date`
    /// the first.
    package var dateText = Fragment.absent
    package var responseCodeText = Fragment.absent
    package var webhookURL = Fragment.absent
    package var requestHeaders = Fragment.absent
    package var requestBody = Fragment.absent
    package var responseBody = Fragment.absent
    package var organizationID = Fragment.absent
    package var errorID = Fragment.absent
    package var projectID = Fragment.absent
    package var requestID = Fragment.absent
    package var attempt = Fragment.absent
    package var durationMilliseconds = Fragment.absent
    package var reason = Fragment.absent
    package var reasonDetail = Fragment.absent
    package var originalID = Fragment.absent
    package var idempotencyKey = Fragment.absent
    package var subjectID = Fragment.absent
    package var subjectType = Fragment.absent
    /// Of a relayed webhook: `true`, the target's name, and the `Request-ID` that it was sent with.
    package var relay = Fragment.absent
    package var target = Fragment.absent
    package var webhookID = Fragment.absent

    package init(eventIndex: Int, date: Timestamp?, responseCode: Int) {
        self.eventIndex = eventIndex
        self.date = date
        self.responseCode = responseCode
    }
}

/// A decoded row of the log, for programs that show few of them. Absent and unreadable fields are nil.
package struct LoggedAttempt: Hashable, Sendable {
    package var date: Timestamp?
    /// The response's status; 0 or -1 when there was no response.
    package var code: Int
    /// 1 for the first attempt.
    package var number: Int64?
    package var durationMilliseconds: Int64?
    /// Why there was no response, in one word.
    package var reason: String?
    /// What is known beyond the reason, in one sentence.
    package var reasonDetail: String?
    package var url: String?
    package var responseBody: String?

    /// An attempt that the log has no row of any more.
    package init(date: Timestamp, code: Int, number: Int64, reason: String?) {
        self.date = date
        self.code = code
        self.number = number
        self.reason = reason
    }

    init(_ row: WebhookRequestRow, in bytes: [UInt8]) {
        date = row.date
        code = row.responseCode
        number = row.attempt.value(in: bytes)?.integer
        durationMilliseconds = row.durationMilliseconds.value(in: bytes)?.integer
        reason = row.reason.value(in: bytes)?.string
        reasonDetail = row.reasonDetail.value(in: bytes)?.string
        url = row.webhookURL.value(in: bytes)?.string
        responseBody = row.responseBody.value(in: bytes)?.string
    }

    /// `502`, `0 (timeout)`.
    package var outcome: String { reason.map { "\(code) (\($0))" } ?? String(code) }

    /// `0 (tls: certificate has expired)`.
    package var explainedOutcome: String {
        guard let reason, let reasonDetail else { return outcome }
        return "\(code) (\(reason): \(reasonDetail))"
    }

    /// `2023-07-20T12:00:00Z`.
    package var time: String { date?.truncatedToSeconds.iso8601Description ?? "-" }

    /// Whether there was a response; its status is `code` then.
    package var hasResponse: Bool {
        code != WebhookRequestRecord.timeoutCode && code != WebhookRequestRecord.connectionErrorCode
    }

    /// Whether the app acknowledged the webhook: 200 to 299, under every policy.
    package var isSuccess: Bool { (200..<300).contains(code) }

    /// Whether the row tells how the attempt ended: not where none was made, or where its end is unknown.
    package var tellsOutcome: Bool { WebhookRequestRecord.tellsOutcome(reason: reason) }

    /// What to do about a redirect; nil for every other outcome.
    package var redirectAdvice: String? {
        guard (300..<400).contains(code) else { return nil }
        return "the app redirects, and redirects are not followed: change the app's webhook URL to the redirect's "
            + "target (its Location header)"
    }
}

extension WebhookRequestPage {
    package var attempts: [LoggedAttempt] { rows.map { LoggedAttempt($0, in: bytes) } }
}
