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
    enum Input {
        case nothing
        /// Reading it may have to wait for the peer.
        case part
        case whole
    }

    /// What has arrived of the next request. That it is whole is recognized by how it ends, the empty record of its
    /// input: where a peer puts such bytes elsewhere, reading may block all the same.
    var input: Input {
        peek(upTo: 1024) ?? peek(upTo: 16 << 10) ?? .part
    }

    /// Nil when there are more bytes than that.
    private func peek(upTo limit: Int) -> Input? {
        withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { bytes in
            let count = recv(descriptor, bytes.baseAddress, limit, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
            if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return .nothing }
            if count == limit { return nil }
            // Version 1, type 5 (input), any id, and a length and padding of 0.
            guard count >= 8 else { return .part }
            let end = bytes[(count - 8)..<count]
            let isEnd = end[count - 8] == 1 && end[count - 7] == 5 && end[(count - 4)...].allSatisfy { $0 == 0 }
            return isEnd ? .whole : .part
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

    /// Shuts down sending and discards what the peer still sends, until it ends the connection.
    ///
    /// Closing with unread bytes would reset a TCP connection and could destroy the response in transit. Returns early
    /// when the peer sends nothing for `quietMilliseconds`; a peer that keeps sending is bounded by the caller's
    /// deadline.
    func linger(quietMilliseconds: Int32 = 200) {
        guard shutdown(descriptor, Int32(SHUT_WR)) == 0 else { return }
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { buffer in
            while poll(&state, 1, quietMilliseconds) > 0, read(descriptor, buffer.baseAddress, buffer.count) > 0 {}
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
