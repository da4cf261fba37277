import Buffer
import Model
import WireJSON

/// Writes rows of the log as JSON. Stored fragments are copied, never decoded; what all rows of an event share is
/// prepared once.
struct LogWriter {
    /// Which fields an endpoint shows beside the common ones.
    struct Details: OptionSet {
        let rawValue: UInt8

        /// Headers and bodies of failed requests.
        static let bodies = Details(rawValue: 1)
        /// The path of the error event that a request was about.
        static let errorURL = Details(rawValue: 2)
    }

    /// Bytes that a row has beside its stored fragments, to reserve memory by.
    static let typicalRowOverhead = 224

    private(set) var output: [UInt8] = [UInt8(ascii: "[")]
    private let app: SentryApp
    private let details: Details
    /// `,"sentryAppSlug":…,"eventType":…,"date":` for each event of the query.
    private let eventParts: [[UInt8]]
    private var references: LogReferences

    init(app: SentryApp, events: [EventType], details: Details, references: LogReferences) {
        self.app = app
        self.details = details
        self.references = references
        eventParts = events.map { event in
            var part: [UInt8] = []
            part.append(literal: #","sentryAppSlug":"#)
            JSONText.append(app.slug, escaping: .unicode, to: &part)
            part.append(literal: #","eventType":"#)
            JSONText.append(event.rawValue, escaping: .unicode, to: &part)
            part.append(literal: #","date":"#)
            return part
        }
    }

    mutating func reserve(_ byteCount: Int) {
        output.reserveCapacity(byteCount)
    }

    /// Appends a row whose fields are ranges of `bytes`.
    mutating func append(_ row: WebhookRequestRow, from bytes: Span<UInt8>) throws(HTTPFailure) {
        if output.count > 1 { output.append(UInt8(ascii: ",")) }
        output.append(literal: #"{"webhookUrl":"#)
        copyOrNull(row.webhookURL, from: bytes)
        output.append(contentsOf: eventParts[row.eventIndex])
        copyOrNull(row.dateText, from: bytes)
        output.append(literal: #","responseCode":"#)
        copyOrNull(row.responseCodeText, from: bytes)
        if details.contains(.bodies), row.responseCode >= 400 || row.responseCode == 0 {
            appendBodies(row, from: bytes)
        }
        if details.contains(.errorURL) { try appendErrorURL(row, from: bytes) }
        try appendOrganization(row, from: bytes)
        appendExtraFields(row, from: bytes)
        output.append(UInt8(ascii: "}"))
    }

    /// The array of all rows written.
    mutating func finish() -> [UInt8] {
        output.append(UInt8(ascii: "]"))
        return output
    }

    private mutating func appendBodies(_ row: WebhookRequestRow, from bytes: Span<UInt8>) {
        output.append(literal: #","requestBody":"#)
        copyOrNull(row.requestBody, from: bytes)
        output.append(literal: #","requestHeaders":"#)
        copyOrNull(row.requestHeaders, from: bytes)
        output.append(literal: #","responseBody":"#)
        copyOrNull(row.responseBody, from: bytes)
    }

    private mutating func appendErrorURL(_ row: WebhookRequestRow, from bytes: Span<UInt8>) throws(HTTPFailure) {
        guard row.errorID.isPresent, let projectID = bytes.integerOrDecimalString(row.projectID),
            let eventID = bytes.eventID(row.errorID)
        else { return }
        let url = try references.errorURL(projectID: projectID, eventID: eventID, ownerID: app.ownerID)
        guard !url.isEmpty else { return }
        output.append(literal: #","errorUrl":"#)
        output.append(contentsOf: url)
    }

    private mutating func appendOrganization(_ row: WebhookRequestRow, from bytes: Span<UInt8>) throws(HTTPFailure) {
        guard let id = bytes.integer(row.organizationID) else { return }
        let organization = try references.organization(id)
        guard !organization.isEmpty else { return }
        output.append(literal: #","organization":"#)
        output.append(contentsOf: organization)
    }

    /// Fields of ours, only where they are stored (design, section 6).
    private mutating func appendExtraFields(_ row: WebhookRequestRow, from bytes: Span<UInt8>) {
        appendIfPresent(#","requestId":"#, row.requestID, from: bytes)
        appendIfPresent(#","attempt":"#, row.attempt, from: bytes)
        appendIfPresent(#","durationMs":"#, row.durationMilliseconds, from: bytes)
        appendIfPresent(#","reason":"#, row.reason, from: bytes)
        appendIfPresent(#","originalId":"#, row.originalID, from: bytes)
    }

    private mutating func appendIfPresent(
        _ name: StaticString, _ fragment: WebhookRequestRow.Fragment, from bytes: Span<UInt8>
    ) {
        guard fragment.isPresent else { return }
        output.append(literal: name)
        copyOrNull(fragment, from: bytes)
    }

    private mutating func copyOrNull(_ fragment: WebhookRequestRow.Fragment, from bytes: Span<UInt8>) {
        if fragment.isPresent {
            bytes.extracting(fragment.range).withUnsafeBufferPointer { output.append(contentsOf: $0) }
        } else {
            output.append(literal: "null")
        }
    }
}
