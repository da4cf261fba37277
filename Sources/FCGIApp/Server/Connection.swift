import Glibc
import ProgramSupport
import Synchronization
import System

/// A connection from a web server. The owner of the value owns the descriptor and closes it.
struct Connection: Sendable {
    let descriptor: Int32
    /// Whether the poller's epoll instance has the descriptor already.
    var isWatched = false

    /// What has arrived of a request.
    enum Input: Equatable {
        case nothing
        /// The peer has ended the connection.
        case ended
        /// It is not complete, or too long to be sure.
        case part
        /// Reading it does not block.
        case whole(RecordScanner.WholeRequest)
    }

    /// What has arrived of the next request.
    var input: Input {
        peek(upTo: 1024) ?? peek(upTo: 16 << 10) ?? .part
    }

    /// Nil when there are more bytes than that.
    private func peek(upTo limit: Int) -> Input? {
        withUnsafeTemporaryAllocation(byteCount: limit, alignment: 8) { bytes in
            let count = recv(descriptor, bytes.baseAddress, limit, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
            if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return .nothing }
            guard count > 0 else { return .ended }
            let arrived = UnsafeRawBufferPointer(start: bytes.baseAddress, count: count)
            if let request = RecordScanner.wholeRequest(in: arrived) { return .whole(request) }
            return count < limit ? .part : nil
        }
    }

    /// Whether there are bytes to read, or the peer has ended the connection.
    var isReadable: Bool {
        var byte: UInt8 = 0
        let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
        return recv(descriptor, &byte, 1, flags) >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)
    }

    func close() {
        Glibc.close(descriptor)
    }

    /// Discards what has arrived, but not for ever; whether the peer may still send more.
    func discardInput() -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { buffer in
            for _ in 0..<16 {
                let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
                if count < 0 { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR }
                if count == 0 { return false }
            }
            return true
        }
    }
}

/// Ends a blocking call of one thread at a deadline, by shutting down the connection it blocks on.
///
/// libfcgi reads and writes without a time limit, and `SO_RCVTIMEO` would start again with each byte of a slow peer.
/// The worker thread sets and clears the deadline, the main thread calls `enforce`. The descriptor must stay open while
/// a deadline is set.
final class ConnectionDeadline: Sendable {
    private struct State: Sendable {
        var descriptor: Int32 = -1
        var end = MonotonicTime(microseconds: .max)
    }

    private let state = Lock(State())
    /// Written under the lock, read without it: each request reads it several times.
    private let passed = Atomic(false)

    func set(_ connection: Connection, end: MonotonicTime) {
        state.withLock { state in
            state = State(descriptor: connection.descriptor, end: end)
            passed.store(false, ordering: .releasing)
        }
    }

    func clear() {
        state.withLock { $0.descriptor = -1 }
    }

    /// Whether the deadline set last was enforced.
    var hasPassed: Bool { passed.load(ordering: .acquiring) }

    func enforce(at now: MonotonicTime) {
        state.withLock { state in
            guard state.descriptor >= 0, !passed.load(ordering: .relaxed), state.end <= now else { return }
            // Before the call: the thread that it wakes reads it at once.
            passed.store(true, ordering: .sequentiallyConsistent)
            shutdown(state.descriptor, Int32(SHUT_RDWR))
        }
    }
}
