import Model
import System
import WireJSON

/// Reads one stored element: whether it is a request of the log, and the ranges of its fields.
///
/// An element is usable when it is a JSON object with a number, or `true` or `false`, in `response_code`
/// (docs/compatibility.md D14). Pure, resumable at any byte, and reusable for the next element.
struct EntryScanner {
    /// The stored fields, in the order of their use.
    private static let names = JSONMemberNames([
        "date", "response_code", "webhook_url", "request_headers", "request_body", "response_body",
        "organization_id", "error_id", "project_id", "request_id", "attempt", "duration_ms", "reason",
        "reason_detail", "original_id", "idempotency_key", "subject_id", "subject_type",
        "relay", "target", "webhook_id",
    ])

    /// In the names; the first, because of which the first of several dates counts.
    private static let dateIndex = 0

    private var scanner: JSONScanner
    private var dates = StoredDateReader()
    private var base = 0

    init(maximumDepth: Int = 64) {
        scanner = JSONScanner(
            names: EntryScanner.names,
            options: JSONScanner.Options(maximumDepth: maximumDepth, keepsFirst: true))
    }

    /// Starts with a new element.
    ///
    /// - Parameter base: the element's position in the bytes that the row's ranges refer to.
    mutating func begin(base: Int = 0) {
        self.base = base
        scanner.reset(offset: base)
    }

    /// Reads the next bytes of the element.
    mutating func consume(_ bytes: Span<UInt8>) {
        scanner.consume(bytes)
    }

    /// Ends the element, which was all of `entry`; nil when it is not usable.
    mutating func finish(_ entry: Span<UInt8>, eventIndex: Int) -> WebhookRequestRow? {
        guard scanner.finish(), scanner.isObject, let code = responseCode(in: entry) else { return nil }
        var row = WebhookRequestRow(eventIndex: eventIndex, date: date(in: entry), responseCode: code)
        let fragments = scanner.fragments.span
        row.dateText = WebhookRequestRow.Fragment(fragments[0])
        row.responseCodeText = WebhookRequestRow.Fragment(fragments[1])
        row.webhookURL = WebhookRequestRow.Fragment(fragments[2])
        row.requestHeaders = WebhookRequestRow.Fragment(fragments[3])
        row.requestBody = WebhookRequestRow.Fragment(fragments[4])
        row.responseBody = WebhookRequestRow.Fragment(fragments[5])
        row.organizationID = WebhookRequestRow.Fragment(fragments[6])
        row.errorID = WebhookRequestRow.Fragment(fragments[7])
        row.projectID = WebhookRequestRow.Fragment(fragments[8])
        row.requestID = WebhookRequestRow.Fragment(fragments[9])
        row.attempt = WebhookRequestRow.Fragment(fragments[10])
        row.durationMilliseconds = WebhookRequestRow.Fragment(fragments[11])
        row.reason = WebhookRequestRow.Fragment(fragments[12])
        row.reasonDetail = WebhookRequestRow.Fragment(fragments[13])
        row.originalID = WebhookRequestRow.Fragment(fragments[14])
        row.idempotencyKey = WebhookRequestRow.Fragment(fragments[15])
        row.subjectID = WebhookRequestRow.Fragment(fragments[16])
        row.subjectType = WebhookRequestRow.Fragment(fragments[17])
        row.relay = WebhookRequestRow.Fragment(fragments[18])
        row.target = WebhookRequestRow.Fragment(fragments[19])
        row.webhookID = WebhookRequestRow.Fragment(fragments[20])
        return row
    }

    /// Reads a whole element.
    mutating func row(of entry: Span<UInt8>, eventIndex: Int, base: Int = 0) -> WebhookRequestRow? {
        begin(base: base)
        consume(entry)
        return finish(entry, eventIndex: eventIndex)
    }

    /// The range of a member's value in the element.
    private func range(_ member: Int) -> Range<Int> {
        let fragment = scanner.fragments[member]
        return fragment.isEmpty ? 0..<0 : fragment.lowerBound - base..<fragment.upperBound - base
    }

    private func responseCode(in entry: Span<UInt8>) -> Int? {
        let range = range(1)
        guard let first = range.first else { return nil }
        switch entry[first] {
        case UInt8(ascii: "t"): return 1
        case UInt8(ascii: "f"): return 0
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return parseDecimal(entry, range) ?? truncatedNumber(String(copying: entry.extracting(range)))
        default: return nil
        }
    }

    /// A number with a fraction or an exponent, or one beyond 64 bits, truncated to an integer.
    private func truncatedNumber(_ digits: String) -> Int? {
        guard let value = Double(digits) else { return nil }
        return Int(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
    }

    private mutating func date(in entry: Span<UInt8>) -> Timestamp? {
        let range = range(EntryScanner.dateIndex)
        guard let first = range.first, entry[first] == UInt8(ascii: "\"") else { return nil }
        return dates.any(entry.extracting(range.lowerBound + 1..<range.upperBound - 1))
    }
}

extension WebhookRequestRow.Fragment {
    /// - Parameter range: in a page's bytes, of which there are fewer than 2^32.
    init(_ range: Range<Int>) {
        self.init(
            lower: UInt32(truncatingIfNeeded: range.lowerBound), upper: UInt32(truncatingIfNeeded: range.upperBound))
    }
}

extension String {
    /// The string of bytes that are valid UTF-8.
    init(copying bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
