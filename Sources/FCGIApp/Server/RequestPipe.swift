import CSystem
import Glibc
import System

/// Hands one request at a time to libfcgi.
///
/// libfcgi reads as many bytes as it can get. From the connection it would also take, and lose, what a peer has sent
/// behind the request: its next one. So the thread moves the bytes of the request into this pipe. One thread uses it,
/// and no call blocks: reading more than the request is an error.
final class RequestPipe {
    private var readingEnd: Int32 = -1
    private var writingEnd: Int32 = -1
    /// Whether it is the pipe that `fill` has used last.
    private(set) var isInUse = false

    deinit {
        close()
    }

    /// The descriptor to read from, of a new pipe if there is none; negative without free descriptors.
    func open() -> Int32 {
        guard readingEnd < 0 else { return readingEnd }
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0 else { return -1 }
        (readingEnd, writingEnd) = (ends[0], ends[1])
        return readingEnd
    }

    /// Moves the next bytes of a connection, which have arrived, into the open pipe, which is empty. Where they do not
    /// fit they become a file in memory: a pipe has 64 KiB, and less for a user who has very many of them.
    ///
    /// - Returns: the descriptor to read from; nil where the connection fails, or there is none for a file.
    func fill(from connection: Connection, count: Int) -> Int32? {
        withUnsafeTemporaryAllocation(byteCount: count, alignment: 8) { bytes in
            isInUse = false
            guard recv(connection.descriptor, bytes.baseAddress, count, Int32(MSG_DONTWAIT)) == count else {
                return nil
            }
            isInUse = write(writingEnd, bytes.baseAddress, count) == count
            if isInUse { return readingEnd }
            drain()
            let file = MemoryFile.make(Array(bytes))
            return file < 0 ? nil : file
        }
    }

    /// Discards what was not read.
    func drain() {
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { bytes in
            while read(readingEnd, bytes.baseAddress, bytes.count) > 0 {}
        }
    }

    /// For the end that was closed by someone else: the next `open` makes a new pipe.
    func forgetReadingEnd() {
        readingEnd = -1
        close()
    }

    private func close() {
        isInUse = false
        for descriptor in [readingEnd, writingEnd] where descriptor >= 0 { _ = Glibc.close(descriptor) }
        (readingEnd, writingEnd) = (-1, -1)
    }
}

/// Files without a name.
enum MemoryFile {
    /// The descriptor of one that holds these bytes, to read from their beginning; negative when there is none.
    static func make(_ bytes: [UInt8]) -> Int32 {
        let descriptor = hookline_memory_file()
        guard descriptor >= 0 else { return descriptor }
        if FileDescriptors.write(bytes, to: descriptor), lseek(descriptor, 0, SEEK_SET) == 0 { return descriptor }
        close(descriptor)
        return -1
    }
}
