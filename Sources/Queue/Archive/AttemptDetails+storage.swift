import Model
import WireJSON

/// The form in Redis: one JSON object, a line feed, and the response's body as it was received. Readers ignore members
/// that they do not know; those that are missing were not kept.
extension AttemptDetails {
    /// The field of the event's hash; the date is in microseconds.
    var field: String { ArchiveKeys.attemptPrefix + String(date.microseconds) }

    var storedBytes: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(1024 + (response?.body.count ?? 0))
        output.append(contentsOf: "{\"attempt\":\(attempt),\"date\":\(date.microseconds),\"code\":\(code)".utf8)
        if let durationMilliseconds { output.append(contentsOf: ",\"duration_ms\":\(durationMilliseconds)".utf8) }
        Self.append("url", url, to: &output)
        if let reason { Self.append("reason", reason, to: &output) }
        if let reasonDetail { Self.append("reason_detail", reasonDetail, to: &output) }
        Self.append("request_headers", requestHeaders, to: &output)
        if let response {
            output.append(contentsOf: ",\"status\":\(response.status)".utf8)
            Self.append("response_headers", response.headers, to: &output)
            if response.isBodyCut { output.append(contentsOf: #","response_body_cut":true"#.utf8) }
        }
        output.append(contentsOf: "}\n".utf8)
        if let response { output.append(contentsOf: response.body) }
        return output
    }

    private static func append(_ name: StaticString, _ text: String, to output: inout [UInt8]) {
        appendName(name, to: &output)
        JSONText.append(text, escaping: .unicode, to: &output)
    }

    private static func append(_ name: StaticString, _ list: HeaderList, to output: inout [UInt8]) {
        appendName(name, to: &output)
        output.append(UInt8(ascii: "["))
        for (index, header) in list.headers.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.append(header.name, escaping: .unicode, to: &output)
            output.append(UInt8(ascii: ","))
            JSONText.append(header.value, escaping: .unicode, to: &output)
        }
        // An element without a value: the list goes on.
        if list.isCut { output.append(contentsOf: (list.headers.isEmpty ? "null" : ",null").utf8) }
        output.append(UInt8(ascii: "]"))
    }

    private static func appendName(_ name: StaticString, to output: inout [UInt8]) {
        output.append(contentsOf: ",\"".utf8)
        name.withUTF8Buffer { output.append(contentsOf: $0) }
        output.append(contentsOf: "\":".utf8)
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
