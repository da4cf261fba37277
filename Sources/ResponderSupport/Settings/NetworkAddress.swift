package import Glibc

/// An IPv4 or IPv6 address with a port, as socket calls take it.
package struct NetworkAddress {
    private enum Form {
        case version4(sockaddr_in)
        case version6(sockaddr_in6)
    }

    private let form: Form

    /// Nil unless `host` is a literal address.
    package init?(host: String, port: UInt16) {
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

    package var family: Int32 {
        switch form {
        case .version4: AF_INET
        case .version6: AF_INET6
        }
    }

    /// Calls `body` with the address and its length.
    package func withSocketAddress<Value>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
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
