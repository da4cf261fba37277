import Glibc

/// Looks up the addresses of a name with the system's resolver, within a deadline.
package enum NameResolver {
    /// Why a lookup failed.
    package struct Problem: Error, Hashable, Sendable {
        package let reason: String
        package let isTimeout: Bool

        package init(reason: String, isTimeout: Bool) {
            self.reason = reason
            self.isTimeout = isTimeout
        }
    }

    /// All addresses of a host, in the resolver's order; an address is returned as it is.
    ///
    /// The resolver has no timeout of its own: a lookup that takes too long is left running on its thread.
    package static func addresses(of host: String, by deadline: MonotonicTime) throws(Problem) -> [IPAddress] {
        let timeout = Problem(reason: "no response from a name server in time", isTimeout: true)
        guard MonotonicTime.now() < deadline else { throw timeout }
        let outcome = Condition<Result<[IPAddress], Problem>?>(nil)
        do throws(SystemCallError) {
            try PosixThread(blocksSignals: true) {
                let result = lookUp(host)
                outcome.change { value in
                    value = result
                    return true
                }
            }.detach()
        } catch {
            throw Problem(reason: error.description, isTimeout: false)
        }
        guard let result = ThreadWait.announce({ outcome.wait(until: deadline) { $0 } }) else { throw timeout }
        return try result.get()
    }

    private static func lookUp(_ host: String) -> Result<[IPAddress], Problem> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { return .failure(Problem(reason: String(cString: gai_strerror(code)), isTimeout: false)) }
        defer { freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        var entry = list
        while let current = entry {
            if let socketAddress = current.pointee.ai_addr, let address = IPAddress(socketAddress),
                !addresses.contains(address)
            {
                addresses.append(address)
            }
            entry = current.pointee.ai_next
        }
        return .success(addresses)
    }
}
