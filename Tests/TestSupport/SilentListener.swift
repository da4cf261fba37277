import Foundation

/// A TCP port of 127.0.0.1 on which connections succeed and nothing is ever received or sent, as with a server behind a
/// firewall that drops packets.
package final class SilentListener: Sendable {
    package let port: UInt16
    private let descriptor: Int32

    package init() throws {
        let port = try freePort()
        self.port = port
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let (socket, size) = (descriptor, socklen_t(MemoryLayout<sockaddr_in>.size))
        let isListening = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) == 0 }
        }
        guard isListening, listen(descriptor, 64) == 0 else {
            throw TestSupportError("cannot listen on port \(port): errno \(errno)")
        }
    }

    deinit {
        close(descriptor)
    }
}
