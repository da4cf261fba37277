import Model
import WireJSON

/// The form in Redis: one JSON object, a line feed, and the response's body as it was received. Readers ignore members
/// that they do not know; those that are missing were not kept.
extension AttemptDetails {
    /// The field of the event's hash; the date is in microseconds.
    var field: String { ArchiveKeys.attemptPrefix + String(date.microseconds) }

    var storedBytes: [UInt8] {
        var json = JSONObjectWriter()
        json.append("attempt", number: Int64(attempt))
        json.append("date", number: date.microseconds)
        json.append("code", number: Int64(code))
        if let durationMilliseconds { json.append("duration_ms", number: Int64(durationMilliseconds)) }
        json.append("url", text: url)
        if let reason { json.append("reason", text: reason) }
        if let reasonDetail { json.append("reason_detail", text: reasonDetail) }
        json.append("request_headers", json: requestHeaders.stored)
        if let response {
            json.append("status", number: Int64(response.status))
            json.append("response_headers", json: response.headers.stored)
            if response.isBodyCut { json.append("response_body_cut", bool: true) }
        }
        return json.finish() + [UInt8(ascii: "\n")] + (response?.body ?? [])
    }

    /// Parses what `storedBytes` wrote; nil when it is damaged.
    init?(storedBytes bytes: ArraySlice<UInt8>) {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let head = try? JSONValue(
                parsing: Array(bytes[..<end]), limits: JSONValue.Limits(maximumByteCount: bytes.count)),
            let attempt = head["attempt"]?.integer, let date = head["date"]?.integer, let code = head["code"]?.integer,
            let url = head["url"]?.string
        else { return nil }
        self.init(
            attempt: Int(clamping: attempt), date: Timestamp(clamping: date), url: url, code: Int(clamping: code),
            durationMilliseconds: head["duration_ms"]?.integer.map { Int(clamping: $0) },
            reason: head["reason"]?.string, reasonDetail: head["reason_detail"]?.string,
            requestHeaders: HeaderList(stored: head["request_headers"]))
        guard let status = head["status"]?.integer else { return }
        response = Response(
            status: Int(clamping: status), headers: HeaderList(stored: head["response_headers"]),
            body: Array(bytes[(end + 1)...]), isBodyCut: head["response_body_cut"] == .bool(true))
    }
}

extension HeaderList {
    fileprivate var stored: [UInt8] {
        var output = [UInt8(ascii: "[")]
        for (index, header) in headers.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.append(header.name, escaping: .unicode, to: &output)
            output.append(UInt8(ascii: ","))
            JSONText.append(header.value, escaping: .unicode, to: &output)
        }
        // An element without a value: the list goes on.
        if isCut { output.append(contentsOf: (headers.isEmpty ? "null" : ",null").utf8) }
        output.append(UInt8(ascii: "]"))
        return output
    }

    /// Names and values in turn; `null` at the end of a list that goes on.
    fileprivate init(stored value: JSONValue?) {
        self.init()
        guard case .array(let elements)? = value else { return }
        for index in stride(from: 0, to: elements.count - 1, by: 2) {
            guard let name = elements[index].string, let value = elements[index + 1].string else { continue }
            append(name, value)
        }
        if elements.last == .null { cut() }
    }
}
