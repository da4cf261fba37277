import Model
import WireJSON

extension WebhookRequestRecord {
    /// Whether the original also keeps it in the list of errors: 400 to 599, and 0, no response (contract 1.6).
    package var isError: Bool {
        responseCode == 0 || (400...599).contains(responseCode)
    }

    /// The stored element: the fields of the original in its order and spelling (contract 1.4), then ours.
    var json: [UInt8] {
        var writer = ObjectWriter()
        writer.add("date", text: date.pythonDescription)
        writer.add("response_code", number: Int64(responseCode))
        writer.add("webhook_url", text: webhookURL)
        if responseCode >= 400 || responseCode == 0, !requestHeaders.isEmpty {
            writer.add("request_headers", members: requestHeaders)
        }
        // No upper bound: the original stores the bodies of a 600, too.
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
        if let originalID { writer.add("original_id", text: originalID) }
        return writer.finish()
    }
}

/// Writes one JSON object without spaces and in ASCII.
private struct ObjectWriter {
    private var bytes: [UInt8] = []

    init() {
        // What the row of a success takes.
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
