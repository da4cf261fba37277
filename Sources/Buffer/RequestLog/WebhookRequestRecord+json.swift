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
        // The size of the row of a success.
        var writer = JSONObjectWriter(escaping: .ascii, reservingCapacity: 320)
        writer.append("date", text: date.pythonDescription)
        writer.append("response_code", number: Int64(responseCode))
        writer.append("webhook_url", text: webhookURL)
        let hasRequestFields = rules.includes(.requestFields)
        if hasRequestFields { addRequestFields(to: &writer) }
        addDetails(to: &writer, arePlain: rules.includes(.plainBodies))
        if let organizationID { writer.append("organization_id", number: organizationID) }
        addError(to: &writer, isNumeric: rules.includes(.numericProject))
        if !hasRequestFields, let requestID { writer.append("request_id", text: requestID) }
        if let attempt { writer.append("attempt", number: Int64(attempt)) }
        if !hasRequestFields { addDuration(to: &writer) }
        if let reason { writer.append("reason", text: reason) }
        if let reasonDetail { writer.append("reason_detail", text: String(reasonDetail.prefix(Self.detailLimit))) }
        if let originalID { writer.append("original_id", text: originalID) }
        if let relay {
            writer.append("relay", bool: true)
            writer.append("target", text: relay.target)
            writer.append("webhook_id", text: relay.requestID)
        }
        return writer.finish()
    }

    private func addRequestFields(to writer: inout JSONObjectWriter) {
        if let requestID { writer.append("request_id", text: requestID) }
        if let idempotencyKey { writer.append("idempotency_key", text: idempotencyKey) }
        if let subject {
            writer.append("subject_id", text: subject.id)
            writer.append("subject_type", text: subject.type)
        }
        addDuration(to: &writer)
    }

    private func addDuration(to writer: inout JSONObjectWriter) {
        if let durationMilliseconds { writer.append("duration_ms", number: Int64(durationMilliseconds)) }
    }

    /// Without a response there are only headers.
    private func addDetails(to writer: inout JSONObjectWriter, arePlain: Bool) {
        guard Self.hasDetails(code: responseCode) else { return }
        if !requestHeaders.isEmpty { writer.append("request_headers", members: requestHeaders) }
        guard responseCode >= 400 else { return }
        if let responseBody {
            writer.append(
                "response_body", text: arePlain ? StoredBody.plain(responseBody) : StoredBody.response(responseBody))
        }
        if let requestBody {
            writer.append(
                "request_body", text: arePlain ? StoredBody.plain(requestBody) : StoredBody.request(requestBody))
        }
    }

    /// - Parameter isNumeric: a project counts only if it is a number, and is stored as one.
    private func addError(to writer: inout JSONObjectWriter, isNumeric: Bool) {
        guard let errorID, var projectID else { return }
        if isNumeric, case .text(let text) = projectID {
            guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(text) else { return }
            projectID = .number(number)
        }
        writer.append("error_id", text: errorID)
        switch projectID {
        case .text(let text): writer.append("project_id", text: text)
        case .number(let number): writer.append("project_id", number: number)
        }
    }
}
