import Dispatch
import Glibc
import Model
import System

/// Asks the system's resolver for the addresses of a name, for no longer than a deadline.
enum NameLookUp {
    /// Why a name has no address.
    struct Problem: Error {
        var text: String
        /// Whether there was no answer in time.
        var isLate: Bool
    }

    /// All addresses of a host, in the resolver's order; an address written as text is itself.
    ///
    /// The resolver knows no deadline: a look-up that is late goes on in a thread of its own and is forgotten.
    static func addresses(of host: String, by deadline: MonotonicTime) throws(Problem) -> [IPAddress] {
        let answer = Lock<Result<[IPAddress], Problem>?>(nil)
        let ended = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            let result = ask(host)
            answer.withLock { $0 = result }
            ended.signal()
        }
        _ = ended.wait(timeout: .now() + .milliseconds(max(1, Int(deadline.remainingMilliseconds()))))
        guard let result = answer.withLock({ $0 }) else {
            throw Problem(text: "no name server answered in time", isLate: true)
        }
        return try result.get()
    }

    private static func ask(_ host: String) -> Result<[IPAddress], Problem> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { return .failure(Problem(text: String(cString: gai_strerror(code)), isLate: false)) }
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
