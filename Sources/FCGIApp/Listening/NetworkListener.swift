import Glibc

/// Makes a listening TCP socket. Every peer is trusted like the web server: meant for 127.0.0.1 and containers.
struct NetworkListener {
    let host: String
    let port: UInt16

    func open(backlog: Int32) throws(ListeningError) -> ListeningSocket {
        guard let address = NetworkAddress(host: host, port: port) else {
            throw .failed(call: "inet_pton", address: host, code: EINVAL)
        }
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("socket") }
        var yes: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        // Without it a restart would have to wait for the last connections' TIME_WAIT.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        // Connections inherit it: the last segment of a response shall not wait for an acknowledgement.
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, size)
        if address.family == AF_INET6 {
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, size)
        }
        guard address.withSocketAddress({ bind(descriptor, $0, $1) }) == 0 else { throw failure("bind", descriptor) }
        guard listen(descriptor, backlog) == 0 else { throw failure("listen", descriptor) }
        return ListeningSocket(descriptor: descriptor, ownership: .own(file: nil))
    }

    private func failure(_ call: String, _ descriptor: Int32 = -1) -> ListeningError {
        let code = errno
        if descriptor >= 0 { close(descriptor) }
        return .failed(call: call, address: "\(host):\(port)", code: code)
    }
}

/// An IPv4 or IPv6 address with a port, as socket calls take it.
struct NetworkAddress {
    private enum Form {
        case version4(sockaddr_in)
        case version6(sockaddr_in6)
    }

    private let form: Form

    /// Nil unless `host` is a literal address.
    init?(host: String, port: UInt16) {
        var address4 = sockaddr_in()
        var address6 = sockaddr_in6()
        if inet_pton(AF_INET, host, &address4.sin_addr) == 1 {
            address4.sin_family = sa_family_t(AF_INET)
            address4.sin_port = port.bigEndian
            form = .version4(address4)
        } else if inet_pton(AF_INET6, host, &address6.sin6_addr) == 1 {
            address6.sin6_family = sa_family_t(AF_INET6)
            address6.sin6_port = port.bigEndian
            form = .version6(address6)
        } else {
            return nil
        }
    }

    var family: Int32 {
        switch form {
        case .version4: AF_INET
        case .version6: AF_INET6
        }
    }

    /// Calls `body` with the address and its length.
    func withSocketAddress<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        switch form {
        case .version4(let address): rebound(address, body)
        case .version6(let address): rebound(address, body)
        }
    }
}

private func rebound<Address, Value>(
    _ address: Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
) -> Value {
    withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<Address>.size))
        }
    }
}
