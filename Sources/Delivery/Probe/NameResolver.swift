import Dispatch
import Glibc
import System

/// Looks up the addresses of a name with the system's resolver, within a deadline.
enum NameResolver {
    /// Why a lookup failed.
    struct Problem: Error {
        var reason: String
        var isTimeout: Bool
    }

    /// All addresses of a host, in the resolver's order; an address is returned as it is.
    ///
    /// The resolver has no timeout of its own: a lookup that takes too long is left running on its thread.
    static func addresses(of host: String, by deadline: MonotonicTime) throws(Problem) -> [IPAddress] {
        let outcome = Lock<Result<[IPAddress], Problem>?>(nil)
        let ended = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            let result = lookUp(host)
            outcome.withLock { $0 = result }
            ended.signal()
        }
        _ = ended.wait(timeout: .now() + .milliseconds(max(1, Int(deadline.remainingMilliseconds()))))
        guard let result = outcome.withLock({ $0 }) else {
            throw Problem(reason: "no response from a name server in time", isTimeout: true)
        }
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
