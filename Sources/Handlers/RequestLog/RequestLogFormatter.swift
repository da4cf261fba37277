import Buffer
import Directory
import Model
import WireJSON

/// Formats rows of the log as JSON. Stored values are copied, never decoded; what all rows of an event share is
/// prepared once.
struct RequestLogFormatter {
    /// The typical bytes of a row in addition to its stored values, for reserving capacity.
    static let typicalRowOverhead = 224
    /// An upper bound of the bytes of a row's member names, punctuation and `null`s.
    private static let maximumPunctuation = 640

    private(set) var output: [UInt8] = [UInt8(ascii: "[")]
    private let app: SentryApp
    private let fields: RowFields
    /// `,"sentryAppSlug":…,"eventType":…,"date":` for each event of the query, one after the other, and the end of
    /// each.
    private let eventParts: [UInt8]
    private let eventPartEnds: [Int]
    private var references: LogReferences

    init(app: SentryApp, events: [EventType], fields: RowFields, directory: any DirectoryStore) {
        self.app = app
        self.fields = fields
        references = LogReferences(directory: directory, showsOrganizationID: fields.contains(.organizationID))
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
        let fields = fields
        let hasDetails = WebhookRequestRecord.hasDetails(code: row.responseCode)
        let plain = hasDetails && fields.contains(.plainBodies) ? PlainBodies(row, in: bytes) : PlainBodies()
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
            if fields.contains(.requestFields) { cursor.appendRequestFields(row, of: bytes) }
            if hasDetails { cursor.appendDetails(row, of: bytes, fields, plain) }
            cursor.append(#","errorUrl":"#, beforeUnlessEmpty: url, of: referenced)
            cursor.append(#","organization":"#, beforeUnlessEmpty: organization, of: referenced)
            cursor.appendExtraFields(row, of: bytes, fields, plain)
            cursor.append("}")
        }
    }

    /// Appends members to the last object.
    ///
    /// - Parameter members: JSON without braces, at least one.
    mutating func extendLast(_ members: [UInt8]) {
        output.removeLast()
        output.append(UInt8(ascii: ","))
        output += members
        output.append(UInt8(ascii: "}"))
    }

    /// Appends an object that is no row.
    mutating func append(object json: [UInt8]) {
        if output.count > 1 { output.append(UInt8(ascii: ",")) }
        output += json
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
        guard fields.contains(.errorURL), row.errorID.isPresent,
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
}

extension WebhookRequestRow {
    /// The bytes of all stored values that a response may include.
    fileprivate var fragmentByteCount: Int {
        webhookURL.count + dateText.count + responseCodeText.count + requestBody.count + requestHeaders.count
            + responseBody.count + requestID.count + attempt.count + durationMilliseconds.count + reason.count
            + reasonDetail.count + originalID.count + idempotencyKey.count + subjectID.count + subjectType.count
            + projectID.count + errorID.count + relay.count + target.count + webhookID.count
    }
}

extension WebhookRequestRow.Fragment {
    fileprivate var count: Int { Int(upper) - Int(lower) }
}
