import Glibc
import System

/// Sends lines to a StatsD server by UDP, several in a datagram. Not thread-safe.
///
/// Never blocks on the server and never fails: what cannot be sent at once is lost, as UDP packets may be anyway. The
/// server's name is resolved once, and after an error at most every ten seconds. The system's resolver has no timeout:
/// the setting should be an address, or a name from the hosts file.
package final class StatsDClient {
    /// Fits an Ethernet packet also through a tunnel (Datadog's recommendation).
    static let maximumDatagramBytes = 1432
    private static let resolveInterval = Duration.seconds(10)

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

    /// Sends lines, given without line breaks; a line longer than a datagram is dropped.
    package func send(_ lines: [String]) {
        for datagram in StatsDClient.packed(lines) {
            if !send(datagram) { lostDatagrams += 1 }
        }
    }

    /// Packs lines into as few datagrams as their order allows.
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

    /// An error of the previous datagram (connection refused) is reported by this one, so this one is tried a second
    /// time.
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

    /// Whether there is a socket; opens one if the last attempt is long enough ago.
    private func connect() -> Bool {
        if descriptor >= 0 { return true }
        guard mayResolve else { return false }
        nextAttempt = .now().adding(StatsDClient.resolveInterval)
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
        let opened = socket(entry.ai_family, type, 0)
        guard opened >= 0 else { return false }
        guard Glibc.connect(opened, entry.ai_addr, entry.ai_addrlen) == 0 else {
            close(opened)
            return false
        }
        descriptor = opened
        return true
    }

    private func disconnect() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}

/// The address of a StatsD server: the setting `HOOKLINE_STATSD`, `HOST:PORT` or `[IPv6]:PORT`.
package struct StatsDAddress: Hashable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Nil unless there is a host and a port from 1 to 65535; an IPv6 address must be in brackets.
    package init?(parsing text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        self.init(host: String(host), port: port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
