import Glibc

/// The connections that wait to be accepted at a listening socket.
struct ListenQueue: Sendable {
    struct Length: Hashable, Sendable {
        var waiting: Int
        /// How many may wait: the backlog within the kernel's limit (`net.core.somaxconn`).
        var capacity: Int
    }

    let descriptor: Int32

    /// Nil where the kernel does not report it: for a unix socket that requires `AF_NETLINK`, and a socket of the same
    /// network namespace.
    func length() -> Length? {
        var family: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 else { return nil }
        switch family {
        case AF_UNIX: return UnixSocketDiagnosis(descriptor: descriptor)?.listenQueue()
        case AF_INET, AF_INET6: return networkLength()
        default: return nil
        }
    }

    /// Of a listening socket the kernel puts the queue's length and bound into these two fields (tcp_get_info).
    private func networkLength() -> Length? {
        var information = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &information, &size) == 0 else { return nil }
        return Length(waiting: Int(information.tcpi_unacked), capacity: Int(information.tcpi_sacked))
    }
}
