import Glibc

/// Writes an answer as FastCGI records, the end of the request with it, in as few calls to the system as possible.
///
/// libfcgi's output stream passes on eight kilobytes at a time, and the web server wakes up for each of them.
struct AnswerRecords {
    /// What one record can hold, rounded down to a multiple of eight bytes.
    static let maximumContent = 65528

    private static let standardOutput: UInt8 = 6
    private static let endRequest: UInt8 = 3

    let requestID: Int32
    let descriptor: Int32

    /// Returns whether everything was written. Blocks as long as the descriptor does.
    func write(_ answer: [UInt8]) -> Bool {
        answer.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count {
                let end = min(start + Self.maximumContent, bytes.count)
                let head = header(Self.standardOutput, contentLength: end - start)
                let tail = end == bytes.count ? ending : []
                guard write(head, UnsafeRawBufferPointer(rebasing: bytes[start..<end]), tail) else { return false }
                start = end
            }
            return true
        }
    }

    /// The end of the output, and that the request was answered.
    private var ending: [UInt8] {
        header(Self.standardOutput, contentLength: 0) + header(Self.endRequest, contentLength: 8)
            + [UInt8](repeating: 0, count: 8)
    }

    private func header(_ type: UInt8, contentLength: Int) -> [UInt8] {
        let id = UInt16(truncatingIfNeeded: requestID)
        let length = UInt16(contentLength)
        return [1, type, UInt8(id >> 8), UInt8(id & 0xFF), UInt8(length >> 8), UInt8(length & 0xFF), 0, 0]
    }

    private func write(_ head: [UInt8], _ content: UnsafeRawBufferPointer, _ tail: [UInt8]) -> Bool {
        head.withUnsafeBytes { head in
            tail.withUnsafeBytes { tail in
                writeAll(
                    [head, content, tail].map { part in
                        iovec(iov_base: UnsafeMutableRawPointer(mutating: part.baseAddress), iov_len: part.count)
                    })
            }
        }
    }

    private func writeAll(_ parts: [iovec]) -> Bool {
        var rest = parts
        while !rest.isEmpty {
            var count = writev(descriptor, rest, Int32(rest.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return false }
            while let first = rest.first, first.iov_len <= count {
                count -= first.iov_len
                rest.removeFirst()
            }
            guard !rest.isEmpty else { return true }
            rest[0].iov_base += count
            rest[0].iov_len -= count
        }
        return true
    }
}
