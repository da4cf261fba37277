package import Model
import WireJSON

/// One attempt to deliver a webhook, as the buffer stores it (docs/protocol.md 1.4).
package struct WebhookRequestRecord: Sendable {
    package var date: Timestamp
    package var event: EventType
    package var appID: Int64
    /// 0: no response, because of a timeout, a failed connection or a blocked address.
    package var responseCode: Int
    package var webhookURL: String
    /// In the order sent. Stored for codes of 400 and above, and 0.
    package var requestHeaders: [(name: String, value: String)]
    /// The response's body; nil when there was no response, or none was read. Stored for codes of 400 and above,
    /// truncated (docs/protocol.md 1.5); invalid UTF-8 becomes replacement characters (docs/compatibility.md D4).
    package var responseBody: [UInt8]?
    /// The request's body, stored like the response's.
    package var requestBody: String?
    /// Nil for internal apps.
    package var organizationID: Int64?
    /// The raw response headers `Sentry-Hook-Error` and `Sentry-Hook-Project`; stored only when both are present.
    package var errorID: String?
    package var projectID: ProjectReference?
    /// Hookline's own fields, which readers of the original ignore (docs/compatibility.md).
    package var requestID: String?
    package var attempt: Int?
    package var durationMilliseconds: Int?
    package var reason: String?
    /// What is known beyond `reason`, for the app's owners; stored up to `detailLimit` characters.
    package var reasonDetail: String?
    /// Whether it is stored in the list of errors although the original would not: a redirect, for example.
    package var isFailure = false
    /// The `request_id` of the event that this one redelivers.
    package var originalID: String?

    /// The webhook path of the original stores the header as a string; callers of its buffer may store an integer.
    package enum ProjectReference: Hashable, Sendable {
        case text(String)
        case number(Int64)
    }

    package init(
        date: Timestamp, event: EventType, appID: Int64, responseCode: Int, webhookURL: String,
        requestHeaders: [(name: String, value: String)] = [], responseBody: [UInt8]? = nil,
        requestBody: String? = nil, organizationID: Int64? = nil, errorID: String? = nil,
        projectID: ProjectReference? = nil, requestID: String? = nil, attempt: Int? = nil,
        durationMilliseconds: Int? = nil, reason: String? = nil,
        originalID: String? = nil
    ) {
        self.date = date
        self.event = event
        self.appID = appID
        self.responseCode = responseCode
        self.webhookURL = webhookURL
        self.requestHeaders = requestHeaders
        self.responseBody = responseBody
        self.requestBody = requestBody
        self.organizationID = organizationID
        self.errorID = errorID
        self.projectID = projectID
        self.requestID = requestID
        self.attempt = attempt
        self.durationMilliseconds = durationMilliseconds
        self.reason = reason
        self.originalID = originalID
    }
}

extension WebhookRequestRecord {
    /// The reason of a redirect, which is not followed.
    package static let redirectReason = "redirect"

    /// Characters of a detail that are stored: enough for all but those that quote a receiver's text.
    static let detailLimit = 300

    /// The reason of an attempt whose outcome is unknown, because another worker was given the entry before it ended.
    package static let leaseLostReason = "lease-lost"

    /// Whether it is also stored in the list of errors: 400 to 599, and 0, no response (docs/protocol.md 1.6), and
    /// every failure under a policy that wants it; but no attempt whose outcome is unknown.
    package var isError: Bool {
        reason != Self.leaseLostReason && (isFailure || responseCode == 0 || (400...599).contains(responseCode))
    }

    /// The stored element: the original's fields in its order and spelling (docs/protocol.md 1.4), then Hookline's own.
    var json: [UInt8] {
        var writer = ObjectWriter()
        writer.add("date", text: date.pythonDescription)
        writer.add("response_code", number: Int64(responseCode))
        writer.add("webhook_url", text: webhookURL)
        if responseCode >= 400 || responseCode == 0, !requestHeaders.isEmpty {
            writer.add("request_headers", members: requestHeaders)
        }
        // No upper bound: the original also stores the bodies of a 600.
        if responseCode >= 400 {
            if let responseBody { writer.add("response_body", text: StoredBody.response(responseBody)) }
            if let requestBody { writer.add("request_body", text: StoredBody.request(requestBody)) }
        }
        if let organizationID { writer.add("organization_id", number: organizationID) }
        if let errorID, let projectID {
            writer.add("error_id", text: errorID)
            switch projectID {
            case .text(let text): writer.add("project_id", text: text)
            case .number(let number): writer.add("project_id", number: number)
            }
        }
        if let requestID { writer.add("request_id", text: requestID) }
        if let attempt { writer.add("attempt", number: Int64(attempt)) }
        if let durationMilliseconds { writer.add("duration_ms", number: Int64(durationMilliseconds)) }
        if let reason { writer.add("reason", text: reason) }
        if let reasonDetail { writer.add("reason_detail", text: String(reasonDetail.prefix(Self.detailLimit))) }
        if let originalID { writer.add("original_id", text: originalID) }
        return writer.finish()
    }
}

/// Writes one JSON object without spaces and in ASCII.
private struct ObjectWriter {
    private var bytes: [UInt8] = []

    init() {
        // The size of the row of a success.
        bytes.reserveCapacity(320)
        bytes.append(UInt8(ascii: "{"))
    }

    mutating func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    mutating func add(_ name: String, text: String) {
        begin(name)
        JSONText.append(text, escaping: .ascii, to: &bytes)
    }

    mutating func add(_ name: String, number: Int64) {
        begin(name)
        bytes.append(contentsOf: String(number).utf8)
    }

    mutating func add(_ name: String, members: [(name: String, value: String)]) {
        begin(name)
        var object = ObjectWriter()
        for member in members { object.add(member.name, text: member.value) }
        bytes.append(contentsOf: object.finish())
    }

    private mutating func begin(_ name: String) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        JSONText.append(name, escaping: .ascii, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }
}

/// Encodes the bodies of requests and responses (docs/protocol.md 1.5).
enum StoredBody {
    /// The characters, or bytes, of a body that are stored.
    static let limit = 1024

    /// A response's body: JSON becomes a JSON string of its source, truncated; anything else is truncated as it is.
    ///
    /// Invalid UTF-8 becomes replacement characters (docs/compatibility.md D4). JSON nested deeper than 64 counts as
    /// not JSON; the original's limit is about a thousand.
    static func response(_ content: [UInt8]) -> String {
        guard isJSON(content) else { return String(decoding: content.prefix(limit), as: UTF8.self) }
        // A character has at most four bytes: what is removed here would be removed below.
        let end = min(content.count, limit * 4)
        return request(String(decoding: content[..<end], as: UTF8.self))
    }

    /// A request's body: a JSON string, truncated, so that the closing quote may be missing.
    static func request(_ text: String) -> String {
        var encoded: [UInt8] = []
        // Each character takes at least one byte of the encoded string.
        JSONText.append(String(text.unicodeScalars.prefix(limit)), escaping: .ascii, to: &encoded)
        return String(decoding: encoded.prefix(limit), as: UTF8.self)
    }

    /// Whether the original's parser accepts it: a byte order mark, `NaN` and infinities are valid.
    static func isJSON(_ content: [UInt8]) -> Bool {
        let space = content.prefix { [0x20, 0x09, 0x0A, 0x0D].contains($0) }.count
        let hasMark = content[space...].starts(with: [0xEF, 0xBB, 0xBF])
        var scanner = JSONScanner(options: JSONScanner.Options(acceptsNonFinite: true))
        scanner.consume(content.span.extracting(droppingFirst: space + (hasMark ? 3 : 0)))
        return scanner.finish()
    }
}
