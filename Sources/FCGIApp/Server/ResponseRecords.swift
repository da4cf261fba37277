import Glibc

/// Writes an answer as FastCGI records, the end of the request with it, in as few calls to the system as possible.
///
/// libfcgi's output stream passes on eight kilobytes at a time, and the web server wakes up for each of them.
struct ResponseRecords {
    /// What one record can hold, rounded down to a multiple of eight bytes.
    static let maximumContent = 65528
    /// So many pieces one call takes (Linux' `IOV_MAX`).
    private static let maximumParts = 1024

    private static let standardOutput: UInt8 = 6
    private static let endRequest: UInt8 = 3

    let requestID: Int32
    let descriptor: Int32

    /// Returns whether everything was written. Blocks as long as the descriptor does.
    func write(_ head: [UInt8], body: [UInt8] = []) -> Bool {
        head.withUnsafeBytes { head in
            body.withUnsafeBytes { body in write(head, body) }
        }
    }

    /// Lists the pieces where the thread has room for them: of an answer of one record each there are five.
    private func write(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) -> Bool {
        let recordCount = recordCount(head) + recordCount(body)
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: recordCount + 3) { headers in
            withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2 * recordCount + 1) { parts in
                var list = PartList(headers: headers, parts: parts)
                add(head, to: &list)
                add(body, to: &list)
                // The end of the output, the end of the request and, of eight zeros, that all went well.
                list.append(header(Self.standardOutput, 0), header(Self.endRequest, 8), 0)
                return write(parts)
            }
        }
    }

    /// How many records hold the content.
    private func recordCount(_ content: UnsafeRawBufferPointer) -> Int {
        (content.count + Self.maximumContent - 1) / Self.maximumContent
    }

    private func add(_ content: UnsafeRawBufferPointer, to list: inout PartList) {
        var rest = content
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.maximumContent))
            list.append(header(Self.standardOutput, piece.count))
            list.append(piece)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
        }
    }

    /// A record's header as it goes out: version 1, type, the request's id, the content's length, no padding.
    private func header(_ type: UInt8, _ contentLength: Int) -> UInt64 {
        let id = UInt64(UInt16(truncatingIfNeeded: requestID))
        return (1 << 56 | UInt64(type) << 48 | id << 32 | UInt64(UInt16(contentLength)) << 16).bigEndian
    }

    /// Changes `parts` where the system takes only some of it.
    private func write(_ parts: UnsafeMutableBufferPointer<iovec>) -> Bool {
        var first = 0
        while first < parts.count {
            var count = writev(
                descriptor, parts.baseAddress.map { $0 + first }, Int32(min(parts.count - first, Self.maximumParts)))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return false }
            while first < parts.count, parts[first].iov_len <= count {
                count -= parts[first].iov_len
                first += 1
            }
            if first < parts.count, count > 0 {
                parts[first].iov_base += count
                parts[first].iov_len -= count
            }
        }
        return true
    }
}

/// What is to be written, piece by piece, in room that is exactly enough.
private struct PartList {
    private let headers: UnsafeMutableBufferPointer<UInt64>
    private let parts: UnsafeMutableBufferPointer<iovec>
    private var headerCount = 0
    private var partCount = 0

    init(headers: UnsafeMutableBufferPointer<UInt64>, parts: UnsafeMutableBufferPointer<iovec>) {
        self.headers = headers
        self.parts = parts
    }

    /// Headers that follow each other.
    mutating func append(_ words: UInt64...) {
        let start = headerCount
        for word in words {
            headers.initializeElement(at: headerCount, to: word)
            headerCount += 1
        }
        append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(headers)[(8 * start)..<(8 * headerCount)]))
    }

    mutating func append(_ piece: UnsafeRawBufferPointer) {
        let part = iovec(iov_base: UnsafeMutableRawPointer(mutating: piece.baseAddress), iov_len: piece.count)
        parts.initializeElement(at: partCount, to: part)
        partCount += 1
    }
}
