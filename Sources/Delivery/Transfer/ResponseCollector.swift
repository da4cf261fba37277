/// Collects the used parts of a response while it is received, within limits, and finds what libcurl lets pass: heads
/// that end early, lengths that contradict each other, protocols that were not asked for.
struct ResponseCollector {
    /// Bytes of a header's value; a longer one counts as absent.
    static let valueLimit = 256

    let bodyLimit: Int
    let headerLimit: Int
    /// Bytes of header lines that are kept.
    let keptHeaderLimit: Int

    private(set) var body: [UInt8] = []
    /// Whether the body is longer than `bodyLimit`.
    private(set) var isBodyCut = false
    /// Why the response is not valid; the transfer is aborted then.
    private(set) var problem: ResponseProblem?
    private(set) var retryAfter: String?
    private(set) var errorID: String?
    private(set) var projectID: String?
    /// The header lines of the response that is not interim, as received; nil where none are kept.
    private(set) var headerLines: HeaderLines?
    private var part = Part.statusLine
    private var isInterim = false
    private var framing = ResponseFraming()
    private var headerBytes = 0

    /// What the next line is.
    private enum Part {
        case statusLine, fields
        /// The head is complete: further lines are trailers.
        case trailers
    }

    /// - Parameter keptHeaderLimit: 0 = header lines are not kept.
    init(bodyLimit: Int, headerLimit: Int, keptHeaderLimit: Int = 0) {
        self.bodyLimit = bodyLimit
        self.headerLimit = headerLimit
        self.keptHeaderLimit = keptHeaderLimit
    }

    mutating func reset() {
        self = ResponseCollector(
            bodyLimit: bodyLimit, headerLimit: headerLimit, keptHeaderLimit: keptHeaderLimit)
    }

    /// Whether anything of a response was received.
    var hasBegun: Bool { headerBytes > 0 }

    /// Whether the empty line that ends a response's headers was received.
    var isHeadComplete: Bool { part == .trailers }

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
    /// - Returns: false when the response is not valid and the transfer is to be aborted.
    mutating func receive(header line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        if headerBytes > headerLimit { problem = .headersTooLong(limit: headerLimit) }
        switch part {
        case .statusLine: beginHead(line)
        case .fields:
            if line.allSatisfy({ $0 == 0x0D || $0 == 0x0A }) {
                endHead()
            } else {
                headerLines?.append(line, limit: keptHeaderLimit)
                readField(line)
            }
        case .trailers: break
        }
        return problem == nil
    }

    private mutating func beginHead(_ line: UnsafeRawBufferPointer) {
        // The headers of an interim response (1xx) do not count.
        (retryAfter, errorID, projectID) = (nil, nil, nil)
        headerLines = keptHeaderLimit > 0 ? HeaderLines() : nil
        let words = line.split(maxSplits: 2, omittingEmptySubsequences: true) { $0 <= 0x20 }
        let status = words.count > 1 ? Int(String(decoding: words[1], as: UTF8.self)) ?? 0 : 0
        framing = ResponseFraming(status: status)
        isInterim = (100..<200).contains(status)
        if status == 101 { problem = problem ?? .unwantedUpgrade }
        if let version = words.first, !version.starts(with: "HTTP/1.".utf8, by: { $0 & 0xDF == $1 & 0xDF }) {
            problem = problem ?? .unsupportedVersion
        }
        part = .fields
    }

    private mutating func endHead() {
        part = isInterim ? .statusLine : .trailers
        if !isInterim { problem = problem ?? framing.problem }
    }

    private mutating func readField(_ line: UnsafeRawBufferPointer) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        let value = ResponseCollector.trimmed(line[(colon + 1)...])
        if matches(name, "content-length") {
            framing.addLength(value)
        } else if matches(name, "transfer-encoding") {
            framing.hasTransferEncoding = true
        } else if matches(name, "retry-after") {
            retryAfter = retryAfter ?? text(value)
        } else if matches(name, "sentry-hook-error") {
            errorID = errorID ?? text(value)
        } else if matches(name, "sentry-hook-project") {
            projectID = projectID ?? text(value)
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

    private static func trimmed(_ value: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        let isSpace: (UInt8) -> Bool = { $0 <= 0x20 }
        let start = value.firstIndex { !isSpace($0) } ?? value.endIndex
        let end = value.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
        return value[start..<end]
    }

    private func text(_ value: Slice<UnsafeRawBufferPointer>) -> String? {
        guard !value.isEmpty, value.count <= Self.valueLimit else { return nil }
        return String(decoding: value, as: UTF8.self)
    }
}

/// Why a response is not valid although libcurl accepts it.
enum ResponseProblem: Hashable {
    case headersTooLong(limit: Int)
    case unsupportedVersion
    /// 101: no other protocol was asked for (RFC 9110, 15.2.2).
    case unwantedUpgrade
    case invalidLength
    case contradictoryLengths

    var description: String {
        switch self {
        case .headersTooLong(let limit): "the response's headers are larger than \(limit) bytes"
        case .unsupportedVersion: "the response is not HTTP/1.x"
        case .unwantedUpgrade: "the response changes to another protocol, which was not asked for"
        case .invalidLength: "the response's Content-Length is not a number"
        case .contradictoryLengths: "the response has several Content-Lengths that differ"
        }
    }
}

/// The length of a response's body as its headers state it (RFC 9112, 6.3).
///
/// With `Transfer-Encoding` the lengths do not count. Without, one that is invalid, or several that differ, make the
/// response one that a user agent must discard: where its body ends is unknown.
struct ResponseFraming {
    var hasTransferEncoding = false
    private var length: Int64?
    private var found: ResponseProblem?
    /// 204 and 304 have no body, whatever their length.
    private let hasBody: Bool

    init(status: Int = 200) {
        hasBody = status != 204 && status != 304
    }

    var problem: ResponseProblem? { hasBody && !hasTransferEncoding ? found : nil }

    /// Adds the value of a `Content-Length`, which may be a list.
    mutating func addLength(_ value: Slice<UnsafeRawBufferPointer>) {
        for item in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let digits = item.filter { $0 != 0x20 && $0 != 0x09 }
            guard digits.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int64(String(decoding: digits, as: UTF8.self))
            else {
                found = found ?? .invalidLength
                continue
            }
            if let length, length != number { found = found ?? .contradictoryLengths }
            length = length ?? number
        }
    }
}
