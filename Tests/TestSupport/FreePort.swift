import Foundation
import Model

/// A TCP port of 127.0.0.1 that nobody listens on at this moment and that this process has not handed out before.
///
/// Below the range from which the system takes ports for outgoing connections: one of those could take it before the
/// server that it is meant for.
package func freePort() throws -> UInt16 {
    try handedOut.withLock { taken throws(TestSupportError) in
        for _ in 0..<1000 {
            let port = UInt16.random(in: 20_000..<32_000)
            if !taken.contains(port), canBind(port) {
                taken.insert(port)
                return port
            }
        }
        throw TestSupportError("no free port between 20000 and 32000")
    }
}

private let handedOut = Lock<Set<UInt16>>([])

private func canBind(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = port.bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
