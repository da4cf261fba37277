import Glibc

/// What stands between the slashes of a path, one after the other. Looks at the bytes where they lie, and makes no list.
struct PathSegments {
    private var rest: UnsafeBufferPointer<UInt8>
    private var isAtEnd = false

    init(_ path: UnsafeBufferPointer<UInt8>) {
        rest = path
    }

    /// The next segment, which may be empty; nil behind the last one.
    mutating func next() -> UnsafeBufferPointer<UInt8>? {
        if isAtEnd { return nil }
        let path = rest
        guard let start = path.baseAddress, let slash = memchr(start, Int32(UInt8(ascii: "/")), path.count) else {
            isAtEnd = true
            return path
        }
        let length = UnsafeRawPointer(slash) - UnsafeRawPointer(start)
        rest = UnsafeBufferPointer(rebasing: path[(length + 1)...])
        return UnsafeBufferPointer(rebasing: path[..<length])
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether these bytes are the text's.
    func areBytes(of text: String) -> Bool {
        text.utf8.count == count
            && text.withBytes { bytes in
                guard let start = baseAddress, let other = bytes.baseAddress else { return true }
                return memcmp(start, other, count) == 0
            }
    }
}
