extension String {
    /// Runs `body` with the text's bytes in UTF-8, where they lie: a byte at a time through the text costs several times
    /// as much.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        utf8.withContiguousStorageIfAvailable(body) ?? Array(utf8).withUnsafeBufferPointer(body)
    }
}
