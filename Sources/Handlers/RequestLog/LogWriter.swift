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

    mutating func append(_ row: WebhookRequestRow, of page: WebhookRequestPage) throws(HTTPFailure) {
        if output.count > 1 { output.append(UInt8(ascii: ",")) }
        output.append(literal: #"{"webhookUrl":"#)
        copyOrNull(row.webhookURL, of: page)
        output.append(contentsOf: eventParts[row.eventIndex])
        copyOrNull(row.dateText, of: page)
        output.append(literal: #","responseCode":"#)
        copyOrNull(row.responseCodeText, of: page)
        if details.contains(.bodies), row.responseCode >= 400 || row.responseCode == 0 {
            appendBodies(row, of: page)
        }
        if details.contains(.errorURL) { try appendErrorURL(row, of: page) }
        try appendOrganization(row, of: page)
        appendExtraFields(row, of: page)
        output.append(UInt8(ascii: "}"))
    }

    /// The array of all rows written.
    mutating func finish() -> [UInt8] {
        output.append(UInt8(ascii: "]"))
        return output
    }

    private mutating func appendBodies(_ row: WebhookRequestRow, of page: WebhookRequestPage) {
        output.append(literal: #","requestBody":"#)
        copyOrNull(row.requestBody, of: page)
        output.append(literal: #","requestHeaders":"#)
        copyOrNull(row.requestHeaders, of: page)
        output.append(literal: #","responseBody":"#)
        copyOrNull(row.responseBody, of: page)
    }

    private mutating func appendErrorURL(_ row: WebhookRequestRow, of page: WebhookRequestPage) throws(HTTPFailure) {
        guard row.errorID.isPresent, let projectID = page.integerOrDecimalString(row.projectID),
            let eventID = page.eventID(row.errorID)
        else { return }
        let url = try references.errorURL(projectID: projectID, eventID: eventID, ownerID: app.ownerID)
        guard !url.isEmpty else { return }
        output.append(literal: #","errorUrl":"#)
        output.append(contentsOf: url)
    }

    private mutating func appendOrganization(_ row: WebhookRequestRow, of page: WebhookRequestPage) throws(HTTPFailure)
    {
        guard let id = page.integer(row.organizationID) else { return }
        let organization = try references.organization(id)
        guard !organization.isEmpty else { return }
        output.append(literal: #","organization":"#)
        output.append(contentsOf: organization)
    }

    /// Fields of ours, only where they are stored (design, section 6).
    private mutating func appendExtraFields(_ row: WebhookRequestRow, of page: WebhookRequestPage) {
        appendIfPresent(#","requestId":"#, row.requestID, of: page)
        appendIfPresent(#","attempt":"#, row.attempt, of: page)
        appendIfPresent(#","durationMs":"#, row.durationMilliseconds, of: page)
        appendIfPresent(#","reason":"#, row.reason, of: page)
    }

    private mutating func appendIfPresent(
        _ name: StaticString, _ fragment: WebhookRequestRow.Fragment, of page: WebhookRequestPage
    ) {
        guard fragment.isPresent else { return }
        output.append(literal: name)
        copyOrNull(fragment, of: page)
    }

    private mutating func copyOrNull(_ fragment: WebhookRequestRow.Fragment, of page: WebhookRequestPage) {
        if fragment.isPresent {
            output.append(contentsOf: page.bytes[fragment.range])
        } else {
            output.append(literal: "null")
        }
    }
}
