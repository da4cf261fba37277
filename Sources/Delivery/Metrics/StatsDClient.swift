import Glibc
import System

/// Sends lines to a StatsD server by UDP, several in a datagram. One object serves one thread.
///
/// Nothing here waits for the server or fails: what cannot be sent at once is lost, as UDP may lose it anyway. The
/// server's name is resolved once and again after an error, though not oftener than every ten seconds; by the system,
/// which knows no deadline: give an address, or a name from the hosts file.
package final class StatsDClient {
    /// What a datagram may hold so that it fits a packet of an Ethernet with some tunnel in between (DataDog's advice).
    static let maximumDatagramBytes = 1432
    private static let resolvingPause = Duration.seconds(10)

    private let address: StatsDAddress
    private var descriptor: Int32 = -1
    private var nextAttempt: MonotonicTime?
    /// Datagrams that were not sent.
    package private(set) var lostDatagrams = 0

    package init(_ address: StatsDAddress) {
        self.address = address
    }

    deinit {
        disconnect()
    }

    /// Sends lines without their line ends; a line longer than a datagram is left out.
    package func send(_ lines: [String]) {
        for datagram in StatsDClient.packed(lines) {
            if !send(datagram) { lostDatagrams += 1 }
        }
    }

    /// Lines in as few datagrams as their order allows.
    static func packed(_ lines: [String]) -> [[UInt8]] {
        var datagrams: [[UInt8]] = []
        var current: [UInt8] = []
        for line in lines where (1...maximumDatagramBytes).contains(line.utf8.count) {
            if !current.isEmpty, current.count + 1 + line.utf8.count > maximumDatagramBytes {
                datagrams.append(current)
                current = []
            }
            if !current.isEmpty { current.append(UInt8(ascii: "\n")) }
            current += line.utf8
        }
        if !current.isEmpty { datagrams.append(current) }
        return datagrams
    }

    /// An error of the datagram before (nobody listens) shows at this one, so this one is tried a second time.
    private func send(_ datagram: [UInt8]) -> Bool {
        for _ in 1...2 {
            guard connect() else { return false }
            let count = Glibc.send(descriptor, datagram, datagram.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
            if count == datagram.count { return true }
            if errno == EAGAIN || errno == ENOBUFS { return false }
            if errno != EINTR, errno != ECONNREFUSED { disconnect() }
            if errno == ECONNREFUSED, mayResolve { disconnect() }
        }
        return false
    }

    private var mayResolve: Bool { nextAttempt.map { $0 <= .now() } ?? true }

    /// Whether there is a socket; makes one if the last attempt is long enough ago.
    private func connect() -> Bool {
        if descriptor >= 0 { return true }
        guard mayResolve else { return false }
        nextAttempt = .now().adding(StatsDClient.resolvingPause)
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, String(address.port), &hints, &found) == 0 else { return false }
        defer { freeaddrinfo(found) }
        var candidate = found
        while let entry = candidate {
            if open(entry.pointee) { return true }
            candidate = entry.pointee.ai_next
        }
        return false
    }

    private func open(_ entry: addrinfo) -> Bool {
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let made = socket(entry.ai_family, type, 0)
        guard made >= 0 else { return false }
        guard Glibc.connect(made, entry.ai_addr, entry.ai_addrlen) == 0 else {
            close(made)
            return false
        }
        descriptor = made
        return true
    }

    private func disconnect() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
