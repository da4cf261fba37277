import Glibc

/// Writes an answer as FastCGI records, the end of the request with it, in as few calls to the system as possible.
///
/// libfcgi's output stream passes on eight kilobytes at a time, and the web server wakes up for each of them.
struct AnswerRecords {
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
            body.withUnsafeBytes { body in
                let lengths = recordLengths(head.count) + recordLengths(body.count)
                return headers(lengths).withUnsafeBytes { headers in
                    write(parts(of: [head, body], headers: headers))
                }
            }
        }
    }

    /// How content of so many bytes is cut into records.
    private func recordLengths(_ count: Int) -> [Int] {
        stride(from: 0, to: count, by: Self.maximumContent).map { min(Self.maximumContent, count - $0) }
    }

    /// The headers of the content's records, and behind them the end of the output and of the request.
    private func headers(_ lengths: [Int]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 * lengths.count + 24)
        for length in lengths + [0] { appendHeader(Self.standardOutput, contentLength: length, to: &bytes) }
        appendHeader(Self.endRequest, contentLength: 8, to: &bytes)
        for _ in 0..<8 { bytes.append(0) }
        return bytes
    }

    private func appendHeader(_ type: UInt8, contentLength: Int, to bytes: inout [UInt8]) {
        let id = UInt16(truncatingIfNeeded: requestID)
        let length = UInt16(contentLength)
        bytes += [1, type, UInt8(id >> 8), UInt8(id & 0xFF), UInt8(length >> 8), UInt8(length & 0xFF), 0, 0]
    }

    /// What to write, piece by piece: the contents' records, each behind its header, then the rest of the headers.
    private func parts(of contents: [UnsafeRawBufferPointer], headers: UnsafeRawBufferPointer) -> [iovec] {
        var parts: [iovec] = []
        var headers = headers[...]
        for content in contents {
            for start in stride(from: 0, to: content.count, by: Self.maximumContent) {
                parts.append(iovec(headers.prefix(8)))
                parts.append(iovec(content[start..<min(start + Self.maximumContent, content.count)]))
                headers = headers.dropFirst(8)
            }
        }
        parts.append(iovec(headers))
        return parts
    }

    private func write(_ parts: [iovec]) -> Bool {
        var rest = parts[...]
        while !rest.isEmpty {
            var count = rest.prefix(Self.maximumParts).withUnsafeBufferPointer { parts in
                writev(descriptor, parts.baseAddress, Int32(parts.count))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return false }
            while let first = rest.first, first.iov_len <= count {
                count -= first.iov_len
                rest.removeFirst()
            }
            if var first = rest.first {
                first.iov_base += count
                first.iov_len -= count
                rest[rest.startIndex] = first
            }
        }
        return true
    }
}

extension iovec {
    fileprivate init(_ bytes: Slice<UnsafeRawBufferPointer>) {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes)
        self.init(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    }
}
