import Model
import WireJSON

/// What a webhook is about: the object that the dashboard links to (docs/protocol.md 1.4).
package struct WebhookSubject: Hashable, Sendable {
    /// `event`, `group`, `comment`, ….
    package var type: String
    /// Text, also where the payload has a number.
    package var id: String

    package init(type: String, id: String) {
        self.type = type
        self.id = id
    }
}

extension WebhookRequestRecord {
    /// The stored element: the original's fields in the order and spelling of its rules (docs/protocol.md 1.4), then
    /// Hookline's own.
    func json() -> [UInt8] {
        var writer = ObjectWriter()
        writer.add("date", text: date.pythonDescription)
        writer.add("response_code", number: Int64(responseCode))
        writer.add("webhook_url", text: webhookURL)
        let hasRequestFields = rules.includes(.requestFields)
        if hasRequestFields { addRequestFields(to: &writer) }
        addDetails(to: &writer, arePlain: rules.includes(.plainBodies))
        if let organizationID { writer.add("organization_id", number: organizationID) }
        addError(to: &writer, isNumeric: rules.includes(.numericProject))
        if !hasRequestFields, let requestID { writer.add("request_id", text: requestID) }
        if let attempt { writer.add("attempt", number: Int64(attempt)) }
        if !hasRequestFields { addDuration(to: &writer) }
        if let reason { writer.add("reason", text: reason) }
        if let reasonDetail { writer.add("reason_detail", text: String(reasonDetail.prefix(Self.detailLimit))) }
        if let originalID { writer.add("original_id", text: originalID) }
        if let relay {
            writer.add("relay", literal: "true")
            writer.add("target", text: relay.target)
            writer.add("webhook_id", text: relay.requestID)
        }
        return writer.finish()
    }

    private func addRequestFields(to writer: inout ObjectWriter) {
        if let requestID { writer.add("request_id", text: requestID) }
        if let idempotencyKey { writer.add("idempotency_key", text: idempotencyKey) }
        if let subject {
            writer.add("subject_id", text: subject.id)
            writer.add("subject_type", text: subject.type)
        }
        addDuration(to: &writer)
    }

    private func addDuration(to writer: inout ObjectWriter) {
        if let durationMilliseconds { writer.add("duration_ms", number: Int64(durationMilliseconds)) }
    }

    /// Without a response there are only headers.
    private func addDetails(to writer: inout ObjectWriter, arePlain: Bool) {
        guard Self.hasDetails(code: responseCode) else { return }
        if !requestHeaders.isEmpty { writer.add("request_headers", members: requestHeaders) }
        guard responseCode >= 400 else { return }
        if let responseBody {
            writer.add(
                "response_body", text: arePlain ? StoredBody.plain(responseBody) : StoredBody.response(responseBody))
        }
        if let requestBody {
            writer.add("request_body", text: arePlain ? StoredBody.plain(requestBody) : StoredBody.request(requestBody))
        }
    }

    /// - Parameter isNumeric: a project counts only if it is a number, and is stored as one.
    private func addError(to writer: inout ObjectWriter, isNumeric: Bool) {
        guard let errorID, var projectID else { return }
        if isNumeric, case .text(let text) = projectID {
            guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(text) else { return }
            projectID = .number(number)
        }
        writer.add("error_id", text: errorID)
        switch projectID {
        case .text(let text): writer.add("project_id", text: text)
        case .number(let number): writer.add("project_id", number: number)
        }
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

    mutating func add(_ name: String, literal: String) {
        begin(name)
        bytes.append(contentsOf: literal.utf8)
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
