import Foundation
import TestSupport

/// A UDP socket on 127.0.0.1 that a test reads from.
final class DatagramReceiver {
    let port: UInt16
    private let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        self.port = port
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        let descriptor = descriptor
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound else { throw TestSupportError("cannot bind UDP port \(port): errno \(errno)") }
    }

    convenience init() throws {
        try self.init(port: try freePort())
    }

    deinit {
        close(descriptor)
    }

    /// The next datagram; nil when none comes within the time.
    func next(milliseconds: Int32 = 5000) -> String? {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// Reads until a datagram with `text` has come; all lines so far.
    func lines(until text: String) -> [String] {
        var lines: [String] = []
        while let datagram = next() {
            lines += datagram.split(separator: "\n").map(String.init)
            if datagram.contains(text) { break }
        }
        return lines
    }
}
