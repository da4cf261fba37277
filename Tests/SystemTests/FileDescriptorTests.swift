import Glibc
import System
import TestSupport
import Testing

/// Writing to descriptors.
@Suite
struct FileDescriptorTests {
    @Test func allBytesAreWrittenAlthoughOneCallTakesOnlyAPart() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (reader, writer) = (ends[0], ends[1])
        defer { close(reader) }
        let bytes = [UInt8]((0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0) })
        let isComplete = Lock(false)
        let received = Lock<[UInt8]>([])

        // The pipe holds 64 KiB.
        try runThreads(count: 2) { number in
            if number == 0 {
                let isWritten = FileDescriptors.write(bytes, to: writer)
                isComplete.withLock { $0 = isWritten }
                close(writer)
            } else {
                var chunk = [UInt8](repeating: 0, count: 4096)
                while case let count = read(reader, &chunk, chunk.count), count > 0 {
                    received.withLock { $0 += chunk.prefix(count) }
                }
            }
        }

        #expect(isComplete.withLock { $0 })
        #expect(received.withLock { $0 } == bytes)
    }

    @Test func aDescriptorThatTakesNothingIsReported() throws {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        #expect(!FileDescriptors.write([1], to: full))
        #expect(errno == ENOSPC)
    }
}
