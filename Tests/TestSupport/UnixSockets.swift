import Foundation

/// Connects to a listening unix socket.
package func connectUnixSocket(_ path: String) throws -> Int32 {
    try unixSocket(path, "connect to") { descriptor, address, length in connect(descriptor, address, length) == 0 }
}

/// Listens on a new unix socket.
package func listenOnUnixSocket(_ path: String) throws -> Int32 {
    try unixSocket(path, "listen on") { descriptor, address, length in
        bind(descriptor, address, length) == 0 && listen(descriptor, 64) == 0
    }
}

/// Makes a socket and calls `body` with the address of `path`; an error closes it.
private func unixSocket(
    _ path: String, _ purpose: String, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw TestSupportError("socket failed: errno \(errno)") }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    precondition(bytes.count < MemoryLayout.size(ofValue: address.sun_path), "socket path too long: \(path)")
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let isDone = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    guard isDone else {
        let code = errno
        close(descriptor)
        throw TestSupportError("cannot \(purpose) \(path): \(String(cString: strerror(code)))")
    }
    return descriptor
}

/// Sends all bytes; false when the peer has gone.
func sendAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { buffer in
        var rest = buffer
        while !rest.isEmpty {
            let count = send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
        return true
    }
}
