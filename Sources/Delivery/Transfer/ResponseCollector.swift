/// Collects the used parts of a response while it is received, within limits.
struct ResponseCollector {
    /// Bytes of a header's value; a longer one counts as absent.
    static let valueLimit = 256

    let bodyLimit: Int
    let headerLimit: Int

    private(set) var body: [UInt8] = []
    /// Whether the body is longer than `bodyLimit`.
    private(set) var isBodyCut = false
    private(set) var areHeadersTooLong = false
    private(set) var retryAfter: String?
    private(set) var errorID: String?
    private(set) var projectID: String?
    private var headerBytes = 0

    init(bodyLimit: Int, headerLimit: Int) {
        self.bodyLimit = bodyLimit
        self.headerLimit = headerLimit
    }

    mutating func reset() {
        self = ResponseCollector(bodyLimit: bodyLimit, headerLimit: headerLimit)
    }

    /// Appends a part of the body.
    ///
    /// - Returns: false when the limit is exceeded and the transfer is to be aborted.
    mutating func receive(body part: UnsafeRawBufferPointer) -> Bool {
        let capacity = bodyLimit - body.count
        body.append(contentsOf: part.prefix(capacity))
        isBodyCut = part.count > capacity
        return !isBodyCut
    }

    /// Reads one header line, or the status line.
    ///
    /// - Returns: false when the limit is exceeded and the transfer is to be aborted.
    mutating func receive(header line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        areHeadersTooLong = headerBytes > headerLimit
        if line.starts(with: "HTTP/".utf8) {
            // The headers of an interim response (1xx) do not count.
            (retryAfter, errorID, projectID) = (nil, nil, nil)
        } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
            keep(name: UnsafeRawBufferPointer(rebasing: line[..<colon]), value: line[(colon + 1)...])
        }
        return !areHeadersTooLong
    }

    private mutating func keep(name: UnsafeRawBufferPointer, value: Slice<UnsafeRawBufferPointer>) {
        if matches(name, "retry-after") {
            retryAfter = retryAfter ?? trimmed(value)
        } else if matches(name, "sentry-hook-error") {
            errorID = errorID ?? trimmed(value)
        } else if matches(name, "sentry-hook-project") {
            projectID = projectID ?? trimmed(value)
        }
    }

    private func matches(_ name: UnsafeRawBufferPointer, _ wanted: StaticString) -> Bool {
        guard name.count == wanted.utf8CodeUnitCount else { return false }
        for index in 0..<name.count {
            var byte = name[index]
            if byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") { byte |= 0x20 }
            if byte != wanted.utf8Start[index] { return false }
        }
        return true
    }

    private func trimmed(_ value: Slice<UnsafeRawBufferPointer>) -> String? {
        let isSpace: (UInt8) -> Bool = { $0 <= 0x20 }
        let start = value.firstIndex { !isSpace($0) } ?? value.endIndex
        let end = value.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
        guard end > start, end - start <= Self.valueLimit else { return nil }
        return String(decoding: value[start..<end], as: UTF8.self)
    }
}
