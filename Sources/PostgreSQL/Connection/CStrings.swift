/// Texts as C takes them: zero-terminated in one block; nil stays NULL.
struct CStrings {
    private var bytes: [CChar] = []
    private var offsets: [Int?] = []

    init(_ texts: [String?]) {
        for text in texts {
            offsets.append(text.map { _ in bytes.count })
            if let text {
                bytes.append(contentsOf: text.utf8.map { CChar(bitPattern: $0) })
                bytes.append(0)
            }
        }
    }

    func withPointers<Result>(_ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { block in
            let pointers = offsets.map { offset -> UnsafePointer<CChar>? in
                guard let offset, let start = block.baseAddress else { return nil }
                return start + offset
            }
            return pointers.withUnsafeBufferPointer(body)
        }
    }
}
