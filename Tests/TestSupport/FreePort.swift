import Foundation

/// A TCP port of 127.0.0.1 that is reserved until this process ends: no other call gets it, here or in another run of the
/// tests, and nothing listens on it until the test's server does.
///
/// A socket holds it by being bound, without listening. Linux lets a server that sets `SO_REUSEADDR`, as servers do, bind
/// the port as well; a second holder, which did not when it bound, it refuses.
///
/// Below the range from which the system takes ports for outgoing connections: one of those could take it before the
/// server that it is meant for.
package func freePort() throws -> UInt16 {
    for _ in 0..<1000 {
        let port = UInt16.random(in: 20_000..<32_000)
        if hold(port) { return port }
    }
    throw TestSupportError("no free port between 20000 and 32000")
}

/// Binds the port with a socket that stays open.
private func hold(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = port.bigEndian
    let isBound = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
    var yes: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    guard isBound, setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size) == 0 else {
        close(descriptor)
        return false
    }
    return true
}
