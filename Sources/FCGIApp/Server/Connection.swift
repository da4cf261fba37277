import Glibc

/// A connection from a web server. Whoever holds the value owns the descriptor and closes it.
struct Connection: Sendable {
    let descriptor: Int32
    /// Whether the waiting room's epoll descriptor knows it already.
    var isWatched = false

    /// Whether something can be read at this moment: bytes, or the peer's end.
    var isReadable: Bool {
        var byte: UInt8 = 0
        let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
        return recv(descriptor, &byte, 1, flags) >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)
    }

    func close() {
        Glibc.close(descriptor)
    }

    /// Says "no more from us" and waits for the peer to say the same, throwing away what it still sends.
    ///
    /// Closing with unread bytes would reset a TCP connection and could take the answer with it. Ends when the peer is silent
    /// for `quietMilliseconds`; a peer that never is silent is for the caller's deadline.
    func linger(quietMilliseconds: Int32 = 200) {
        guard shutdown(descriptor, Int32(SHUT_WR)) == 0 else { return }
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { waste in
            while poll(&state, 1, quietMilliseconds) > 0, read(descriptor, waste.baseAddress, waste.count) > 0 {}
        }
    }
}
