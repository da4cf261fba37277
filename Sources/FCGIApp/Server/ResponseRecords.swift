import Glibc

/// Writes a response as FastCGI records, including the end of the request, in as few system calls as possible.
///
/// libfcgi's output stream writes eight kilobytes at a time, and the web server wakes up for each of them.
struct ResponseRecords {
    /// The capacity of one record, rounded down to a multiple of eight bytes.
    static let maximumContent = 65528
    /// The most buffers that one call takes (Linux's `IOV_MAX`).
    private static let maximumBuffers = 1024

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

    /// Lists the buffers on the stack: five for a head and a body of one record each.
    private func write(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) -> Bool {
        let recordCount = recordCount(head) + recordCount(body)
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: recordCount + 3) { headers in
            withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2 * recordCount + 1) { buffers in
                var list = BufferList(headers: headers, buffers: buffers)
                add(head, to: &list)
                add(body, to: &list)
                // The end of the output, then the end of the request: eight zero bytes say that it is complete.
                list.append(header(Self.standardOutput, 0), header(Self.endRequest, 8), 0)
                return write(buffers)
            }
        }
    }

    /// The number of records that hold the content.
    private func recordCount(_ content: UnsafeRawBufferPointer) -> Int {
        (content.count + Self.maximumContent - 1) / Self.maximumContent
    }

    private func add(_ content: UnsafeRawBufferPointer, to list: inout BufferList) {
        var remaining = content
        while !remaining.isEmpty {
            let chunk = UnsafeRawBufferPointer(rebasing: remaining.prefix(Self.maximumContent))
            list.append(header(Self.standardOutput, chunk.count))
            list.append(chunk)
            remaining = UnsafeRawBufferPointer(rebasing: remaining.dropFirst(chunk.count))
        }
    }

    /// A record's header in network byte order: version 1, type, request id, content length, no padding.
    private func header(_ type: UInt8, _ contentLength: Int) -> UInt64 {
        let id = UInt64(UInt16(truncatingIfNeeded: requestID))
        return (1 << 56 | UInt64(type) << 48 | id << 32 | UInt64(UInt16(contentLength)) << 16).bigEndian
    }

    /// Advances `buffers` past what a partial write has taken.
    private func write(_ buffers: UnsafeMutableBufferPointer<iovec>) -> Bool {
        var first = 0
        while first < buffers.count {
            var count = writev(
                descriptor, buffers.baseAddress.map { $0 + first },
                Int32(min(buffers.count - first, Self.maximumBuffers)))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return false }
            while first < buffers.count, buffers[first].iov_len <= count {
                count -= buffers[first].iov_len
                first += 1
            }
            if first < buffers.count, count > 0 {
                buffers[first].iov_base += count
                buffers[first].iov_len -= count
            }
        }
        return true
    }
}

/// The buffers to write, in a list of exactly the needed capacity.
private struct BufferList {
    private let headers: UnsafeMutableBufferPointer<UInt64>
    private let buffers: UnsafeMutableBufferPointer<iovec>
    private var headerCount = 0
    private var bufferCount = 0

    init(headers: UnsafeMutableBufferPointer<UInt64>, buffers: UnsafeMutableBufferPointer<iovec>) {
        self.headers = headers
        self.buffers = buffers
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

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        let buffer = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
        buffers.initializeElement(at: bufferCount, to: buffer)
        bufferCount += 1
    }
}
