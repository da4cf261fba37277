import Buffer
import Model

/// The fields of rows in responses that depend on the endpoint and the release (docs/protocol.md 2.5, 2.9).
struct RowFields: OptionSet {
    let rawValue: UInt8

    /// Headers and bodies of failures, in camel case; without effect where `details` shows them.
    static let bodies = RowFields(rawValue: 1)
    /// The path of the error event that a request was about.
    static let errorURL = RowFields(rawValue: 2)
    /// Project, error, headers and bodies of failures, in snake case.
    static let details = RowFields(rawValue: 4)
    /// Of failures, the bodies as plain text, however they are stored.
    static let plainBodies = RowFields(rawValue: 8)
    /// `requestId`, `idempotencyKey`, the subject and `durationMs`, `null` where they are not stored.
    static let requestFields = RowFields(rawValue: 16)
    /// The organization's id.
    static let organizationID = RowFields(rawValue: 32)
    /// Of failures, the names of the bodies that the log has only the beginning of, if there are some. Hookline's own.
    static let truncation = RowFields(rawValue: 64)

    /// Of `requests/`, which is the same in all releases that have it.
    static let requests: RowFields = [.bodies, .errorURL]

    /// Of `webhook-requests/`.
    static func webhookRequests(under rules: ProtocolRules) -> RowFields {
        var fields: RowFields = rules.includes(.detailsInRows) ? [.details, .organizationID] : []
        if rules.includes(.requestFields) { fields.insert(.requestFields) }
        if rules.includes(.plainBodies) { fields.insert(.plainBodies) }
        return fields
    }
}

/// The bodies of a failure, as far as they are stored in another form than they are shown in.
struct PlainBodies {
    fileprivate var request = WebhookRequestPage.Body()
    fileprivate var response = WebhookRequestPage.Body()

    init() {}

    init(_ row: WebhookRequestRow, in bytes: Span<UInt8>) {
        request = WebhookRequestPage.body(row.requestBody, of: row, in: bytes)
        response = WebhookRequestPage.body(row.responseBody, of: row, in: bytes)
    }
}

extension ByteCursor {
    /// Fields of the original since 26.9, in its order.
    mutating func appendRequestFields(_ row: WebhookRequestRow, of bytes: Span<UInt8>) {
        append(#","requestId":"#)
        appendOrNull(row.requestID, of: bytes)
        append(#","idempotencyKey":"#)
        appendOrNull(row.idempotencyKey, of: bytes)
        append(#","subjectId":"#)
        appendOrNull(row.subjectID, of: bytes)
        append(#","subjectType":"#)
        appendOrNull(row.subjectType, of: bytes)
        append(#","durationMs":"#)
        appendOrNull(row.durationMilliseconds, of: bytes)
    }

    /// What a failure has in addition.
    mutating func appendDetails(
        _ row: WebhookRequestRow, of bytes: Span<UInt8>, _ fields: RowFields, _ plain: PlainBodies
    ) {
        if fields.contains(.details) {
            append(#","project_id":"#)
            appendOrNull(bytes.number(row.projectID), of: bytes)
            append(#","error_id":"#)
            appendOrNull(row.errorID, of: bytes)
            append(#","request_body":"#)
            append(plain.request.plain, or: row.requestBody, of: bytes)
            append(#","request_headers":"#)
            appendOrNull(row.requestHeaders, of: bytes)
            append(#","response_body":"#)
            append(plain.response.plain, or: row.responseBody, of: bytes)
        } else if fields.contains(.bodies) {
            append(#","requestBody":"#)
            appendOrNull(row.requestBody, of: bytes)
            append(#","requestHeaders":"#)
            appendOrNull(row.requestHeaders, of: bytes)
            append(#","responseBody":"#)
            appendOrNull(row.responseBody, of: bytes)
        }
    }

    /// Fields of Hookline, only where they are stored (docs/compatibility.md).
    mutating func appendExtraFields(
        _ row: WebhookRequestRow, of bytes: Span<UInt8>, _ fields: RowFields, _ plain: PlainBodies
    ) {
        let isShown = fields.contains(.requestFields)
        if !isShown { append(#","requestId":"#, beforeIfPresent: row.requestID, of: bytes) }
        append(#","attempt":"#, beforeIfPresent: row.attempt, of: bytes)
        if !isShown { append(#","durationMs":"#, beforeIfPresent: row.durationMilliseconds, of: bytes) }
        append(#","reason":"#, beforeIfPresent: row.reason, of: bytes)
        append(#","reasonDetail":"#, beforeIfPresent: row.reasonDetail, of: bytes)
        append(#","originalId":"#, beforeIfPresent: row.originalID, of: bytes)
        append(#","relay":"#, beforeIfPresent: row.relay, of: bytes)
        append(#","target":"#, beforeIfPresent: row.target, of: bytes)
        append(#","webhookId":"#, beforeIfPresent: row.webhookID, of: bytes)
        guard fields.contains(.truncation) else { return }
        switch (plain.request.isTruncated, plain.response.isTruncated) {
        case (false, false): break
        case (true, false): append(#","truncated":["request_body"]"#)
        case (false, true): append(#","truncated":["response_body"]"#)
        case (true, true): append(#","truncated":["request_body","response_body"]"#)
        }
    }

    private mutating func append(_ plain: [UInt8]?, or stored: WebhookRequestRow.Fragment, of bytes: Span<UInt8>) {
        guard let plain else { return appendOrNull(stored, of: bytes) }
        append(plain.span, from: 0, to: plain.count)
    }
}

extension ByteCursor {
    @inline(__always)
    mutating func append(_ fragment: WebhookRequestRow.Fragment, of bytes: Span<UInt8>) {
        append(bytes, from: Int(fragment.lower), to: Int(fragment.upper))
    }

    @inline(__always)
    mutating func appendOrNull(_ fragment: WebhookRequestRow.Fragment, of bytes: Span<UInt8>) {
        if fragment.lower < fragment.upper { append(fragment, of: bytes) } else { append("null") }
    }

    @inline(__always)
    mutating func append(
        _ name: StaticString, beforeIfPresent fragment: WebhookRequestRow.Fragment, of bytes: Span<UInt8>
    ) {
        guard fragment.lower < fragment.upper else { return }
        append(name)
        append(fragment, of: bytes)
    }

    @inline(__always)
    mutating func append(_ name: StaticString, beforeUnlessEmpty range: Range<Int>, of json: [UInt8]) {
        guard !range.isEmpty else { return }
        append(name)
        append(json.span, from: range.lowerBound, to: range.upperBound)
    }
}
