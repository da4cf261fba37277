package import Model

/// What one attempt to deliver an event sent and received, beside what its row in the request log has. It is kept with
/// the event's payload, of which the request's body is made.
package struct AttemptDetails: Hashable, Sendable {
    /// The response, as far as it is kept.
    package struct Response: Hashable, Sendable {
        package var status: Int
        package var headers: HeaderList
        /// As received; may be invalid UTF-8.
        package var body: [UInt8]
        /// Whether the body was longer.
        package var isBodyCut: Bool

        package init(status: Int, headers: HeaderList = HeaderList(), body: [UInt8] = [], isBodyCut: Bool = false) {
            self.status = status
            self.headers = headers
            self.body = body
            self.isBodyCut = isBodyCut
        }
    }

    /// 1 for the first attempt.
    package var attempt: Int
    /// When the attempt ended: the date of its row.
    package var date: Timestamp
    package var url: String
    /// The code of the row: the response's status, 0 or -1.
    package var code: Int
    package var durationMilliseconds: Int?
    /// The `reason` of the row, and what is known beyond it.
    package var reason: String?
    package var reasonDetail: String?
    /// The headers of the request, secrets masked.
    package var requestHeaders: HeaderList
    /// Nil without a response.
    package var response: Response?

    package init(
        attempt: Int, date: Timestamp, url: String, code: Int, durationMilliseconds: Int? = nil,
        reason: String? = nil, reasonDetail: String? = nil, requestHeaders: HeaderList = HeaderList(),
        response: Response? = nil
    ) {
        self.attempt = attempt
        self.date = date
        self.url = url
        self.code = code
        self.durationMilliseconds = durationMilliseconds
        self.reason = reason
        self.reasonDetail = reasonDetail
        self.requestHeaders = requestHeaders
        self.response = response
    }
}

/// Headers in the order of the message, within a limit. A name may be repeated.
package struct HeaderList: Hashable, Sendable {
    package struct Header: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The bytes of one message's headers that are kept: names, values, and four for each, as in the message.
    package static let byteLimit = 4096

    package private(set) var headers: [Header] = []
    /// Whether headers, or the end of the last value, are missing.
    package private(set) var isCut = false
    private var byteCount = 0

    package init() {}

    package init(_ headers: [(name: String, value: String)], isCut: Bool = false) {
        for (name, value) in headers { append(name, value) }
        if isCut { self.isCut = true }
    }

    /// Appends a header; one that exceeds the limit is cut, and those after it are left out.
    package mutating func append(_ name: String, _ value: String) {
        guard !isCut else { return }
        let capacity = Self.byteLimit - byteCount - name.utf8.count - 4
        if value.utf8.count <= capacity {
            headers.append(Header(name, value))
            byteCount += name.utf8.count + value.utf8.count + 4
        } else {
            isCut = true
            guard capacity > 0 else { return }
            let kept = CutText.prefix(value, byteCount: capacity)
            headers.append(Header(name, kept))
            byteCount += name.utf8.count + kept.utf8.count + 4
        }
    }

    /// Marks that headers are missing.
    package mutating func cut() { isCut = true }
}

/// Shortens texts without splitting a character.
package enum CutText {
    /// The beginning of a text, of at most `byteCount` bytes.
    package static func prefix(_ text: String, byteCount: Int) -> String {
        String(decoding: prefix(Array(text.utf8), byteCount: byteCount), as: UTF8.self)
    }

    /// The first bytes of UTF-8; where they end within a character, that is left out. Invalid bytes stay.
    package static func prefix(_ bytes: [UInt8], byteCount: Int) -> ArraySlice<UInt8> {
        bytes.count <= byteCount ? bytes[...] : withoutPartialCharacter(bytes.prefix(byteCount))
    }

    /// Bytes that were cut, without the character of which the end is missing.
    package static func withoutPartialCharacter(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let continuationCount = bytes.suffix(3).reversed().prefix { $0 & 0xC0 == 0x80 }.count
        let start = bytes.endIndex - continuationCount - 1
        guard start >= bytes.startIndex else { return bytes }
        let length =
            switch bytes[start] {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 1
            }
        return length > continuationCount + 1 ? bytes[..<start] : bytes
    }
}
