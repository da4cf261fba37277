import CZlib
import WireJSON

/// An event as the original's node store keeps it: Base64, zlib, JSON (docs/protocol.md 2.6).
enum EventNode {
    /// The longest text that is read: an event of the largest size, compressed hardly at all.
    static let maximumTextByteCount = 4 << 20
    /// The largest event that is unpacked. The original's ingestion accepts 1 MiB; normalizing makes it larger.
    static let maximumByteCount = 16 << 20
    /// At most this many hashes are looked for; grouping makes fewer than ten.
    static let maximumHashCount = 64

    /// The hashes that lead to the event's issue, most significant first; nil when the text is not such an event.
    static func hashes(of text: String) -> [String]? {
        guard let packed = Base64.decoded(text.utf8), let json = unpacked(packed) else { return nil }
        // Behind the event, on further lines, there may be copies of it.
        let event = json.prefix { $0 != UInt8(ascii: "\n") }
        var scanner = JSONScanner(names: names, options: .init(acceptsNonFinite: true))
        scanner.consume(event.span)
        guard scanner.finish(), scanner.isObject else { return nil }
        let found = scanner.fragments[0]
        guard !found.isEmpty, case .array(let elements)? = try? JSONValue(parsing: Array(event[found])) else {
            return []
        }
        return Array(elements.compactMap(\.string).filter(isHash).prefix(maximumHashCount))
    }

    private static let names = JSONMemberNames(["hashes"])

    /// 32 hexadecimal digits, as `sentry_grouphash.hash` has them.
    private static func isHash(_ text: String) -> Bool {
        text.utf8.count == 32 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// Nil when the bytes are not zlib's, end too early, or become more than `maximumByteCount`.
    static func unpacked(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var input = bytes
        var output: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64 << 10)
        return input.withUnsafeMutableBufferPointer { input -> [UInt8]? in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            while true {
                let (status, count) = block.withUnsafeMutableBufferPointer { block -> (Int32, Int) in
                    stream.next_out = block.baseAddress
                    stream.avail_out = UInt32(block.count)
                    let status = inflate(&stream, Z_NO_FLUSH)
                    return (status, block.count - Int(stream.avail_out))
                }
                output.append(contentsOf: block.prefix(count))
                guard output.count <= maximumByteCount else { return nil }
                if status == Z_STREAM_END { return output }
                // No progress: the input has ended.
                guard status == Z_OK, count > 0 || stream.avail_in > 0 else { return nil }
            }
        }
    }
}
