import Buffer
import Model
import WireJSON

/// Formats rows of the log as JSON. Stored values are copied, never decoded; what all rows of an event share is
/// prepared once.
struct RequestLogFormatter {
    /// The fields that an endpoint includes in addition to the common ones.
    struct Details: OptionSet {
        let rawValue: UInt8

        /// Headers and bodies of failed requests.
        static let bodies = Details(rawValue: 1)
        /// The path of the error event that a request was about.
        static let errorURL = Details(rawValue: 2)
    }

    /// The typical bytes of a row in addition to its stored values, for reserving capacity.
    static let typicalRowOverhead = 224
    /// An upper bound of the bytes of a row's member names, punctuation and `null`s.
    private static let maximumPunctuation = 384

    private(set) var output: [UInt8] = [UInt8(ascii: "[")]
    private let app: SentryApp
    private let details: Details
    /// `,"sentryAppSlug":…,"eventType":…,"date":` for each event of the query, one after the other, and the end of
    /// each.
    private let eventParts: [UInt8]
    private let eventPartEnds: [Int]
    private var references: LogReferences

    init(app: SentryApp, events: [EventType], details: Details, references: LogReferences) {
        self.app = app
        self.details = details
        self.references = references
        var beginning: [UInt8] = []
        beginning.append(literal: #","sentryAppSlug":"#)
        JSONText.append(app.slug, escaping: .unicode, to: &beginning)
        beginning.append(literal: #","eventType":"#)
        var parts: [UInt8] = []
        parts.reserveCapacity(events.count * (beginning.count + 48))
        eventPartEnds = events.map { event in
            parts += beginning
            JSONText.append(event.rawValue, escaping: .unicode, to: &parts)
            parts.append(literal: #","date":"#)
            return parts.count
        }
        eventParts = parts
    }

    /// Reserves capacity for rows of `byteCount` bytes.
    mutating func reserve(_ byteCount: Int) {
        output.reserveCapacity(output.count + byteCount + Self.maximumPunctuation)
    }

    /// Appends a row whose fields are ranges of `bytes`.
    mutating func append(_ row: WebhookRequestRow, from bytes: Span<UInt8>) throws(HTTPFailure) {
        let url = try errorURL(row, from: bytes)
        let organization = try organization(row, from: bytes)
        let (events, event) = (eventParts, eventPart(row.eventIndex))
        let referenced = references.json
        let showsBodies = details.contains(.bodies) && (row.responseCode >= 400 || row.responseCode == 0)
        let isFirst = output.count == 1
        let maximum = row.fragmentByteCount + event.count + url.count + organization.count + Self.maximumPunctuation
        output.append(addingUpTo: maximum) { (cursor: inout ByteCursor) in
            if !isFirst { cursor.append(",") }
            cursor.append(#"{"webhookUrl":"#)
            cursor.appendOrNull(row.webhookURL, of: bytes)
            cursor.append(events.span, from: event.lowerBound, to: event.upperBound)
            cursor.appendOrNull(row.dateText, of: bytes)
            cursor.append(#","responseCode":"#)
            cursor.appendOrNull(row.responseCodeText, of: bytes)
            if showsBodies { RequestLogFormatter.appendBodies(row, from: bytes, to: &cursor) }
            cursor.append(#","errorUrl":"#, beforeUnlessEmpty: url, of: referenced)
            cursor.append(#","organization":"#, beforeUnlessEmpty: organization, of: referenced)
            RequestLogFormatter.appendExtraFields(row, from: bytes, to: &cursor)
            cursor.append("}")
        }
    }

    /// The array of all rows written.
    mutating func finish() -> [UInt8] {
        output.append(UInt8(ascii: "]"))
        return output
    }

    private func eventPart(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : eventPartEnds[index - 1])..<eventPartEnds[index]
    }

    /// Empty when the row has none, or it is not included.
    private mutating func errorURL(_ row: WebhookRequestRow, from bytes: Span<UInt8>) throws(HTTPFailure) -> Range<Int>
    {
        guard details.contains(.errorURL), row.errorID.isPresent,
            let projectID = bytes.integerOrDecimalString(row.projectID), let eventID = bytes.eventID(row.errorID)
        else { return 0..<0 }
        return try references.errorURL(projectID: projectID, eventID: eventID, ownerID: app.ownerID)
    }

    /// Empty when the row has none, or the directory does not know it.
    private mutating func organization(
        _ row: WebhookRequestRow, from bytes: Span<UInt8>
    ) throws(HTTPFailure) -> Range<Int> {
        guard let id = bytes.integer(row.organizationID) else { return 0..<0 }
        return try references.organization(id)
    }

    private static func appendBodies(_ row: WebhookRequestRow, from bytes: Span<UInt8>, to cursor: inout ByteCursor) {
        cursor.append(#","requestBody":"#)
        cursor.appendOrNull(row.requestBody, of: bytes)
        cursor.append(#","requestHeaders":"#)
        cursor.appendOrNull(row.requestHeaders, of: bytes)
        cursor.append(#","responseBody":"#)
        cursor.appendOrNull(row.responseBody, of: bytes)
    }

    /// Fields of Hookline, only where they are stored (docs/compatibility.md).
    private static func appendExtraFields(
        _ row: WebhookRequestRow, from bytes: Span<UInt8>, to cursor: inout ByteCursor
    ) {
        cursor.append(#","requestId":"#, beforeIfPresent: row.requestID, of: bytes)
        cursor.append(#","attempt":"#, beforeIfPresent: row.attempt, of: bytes)
        cursor.append(#","durationMs":"#, beforeIfPresent: row.durationMilliseconds, of: bytes)
        cursor.append(#","reason":"#, beforeIfPresent: row.reason, of: bytes)
        cursor.append(#","reasonDetail":"#, beforeIfPresent: row.reasonDetail, of: bytes)
        cursor.append(#","originalId":"#, beforeIfPresent: row.originalID, of: bytes)
    }
}

extension WebhookRequestRow {
    /// The bytes of all stored values that a response may include.
    fileprivate var fragmentByteCount: Int {
        webhookURL.count + dateText.count + responseCodeText.count + requestBody.count + requestHeaders.count
            + responseBody.count + requestID.count + attempt.count + durationMilliseconds.count + reason.count
            + reasonDetail.count + originalID.count
    }
}

extension WebhookRequestRow.Fragment {
    fileprivate var count: Int { Int(upper) - Int(lower) }
}

extension ByteCursor {
    @inline(__always)
    fileprivate mutating func append(_ fragment: WebhookRequestRow.Fragment, of bytes: Span<UInt8>) {
        append(bytes, from: Int(fragment.lower), to: Int(fragment.upper))
    }

    @inline(__always)
    fileprivate mutating func appendOrNull(_ fragment: WebhookRequestRow.Fragment, of bytes: Span<UInt8>) {
        if fragment.lower < fragment.upper { append(fragment, of: bytes) } else { append("null") }
    }

    @inline(__always)
    fileprivate mutating func append(
        _ name: StaticString, beforeIfPresent fragment: WebhookRequestRow.Fragment, of bytes: Span<UInt8>
    ) {
        guard fragment.lower < fragment.upper else { return }
        append(name)
        append(fragment, of: bytes)
    }

    @inline(__always)
    fileprivate mutating func append(_ name: StaticString, beforeUnlessEmpty range: Range<Int>, of json: [UInt8]) {
        guard !range.isEmpty else { return }
        append(name)
        append(json.span, from: range.lowerBound, to: range.upperBound)
    }
}
