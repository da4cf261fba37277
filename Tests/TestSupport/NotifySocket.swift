import Foundation

/// The socket on which a service manager would hear its services: a real datagram socket, its messages in their order.
package final class NotifySocket {
    /// For `NOTIFY_SOCKET`.
    package let address: String
    private let directory: TemporaryDirectory
    private let descriptor: Int32

    /// - Parameter isAbstract: without a file.
    package init(isAbstract: Bool = false) throws {
        directory = try TemporaryDirectory()
        let path = directory.file("notify")
        address = isAbstract ? "@" + path : path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(address.utf8)
        if isAbstract { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        let length = MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
        let code = withUnsafePointer(to: name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(length)) }
        }
        guard code == 0 else { throw TestSupportError("cannot bind \(address): errno \(errno)") }
    }

    deinit {
        close(descriptor)
    }

    /// The lines of the next message.
    package func next(seconds: Double = 20) throws -> [String] {
        var message: [String]?
        try waitUntil("a message to the service manager", seconds: seconds) {
            message = receive()
            return message != nil
        }
        return message ?? []
    }

    /// Takes messages up to one that has this line.
    package func wait(for line: String, seconds: Double = 20) throws {
        while try !next(seconds: seconds).contains(line) {}
    }

    /// Takes every message that is there at this moment.
    package var waiting: [[String]] {
        var messages: [[String]] = []
        while let message = receive() { messages.append(message) }
        return messages
    }

    private func receive() -> [String]? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        guard count >= 0 else { return nil }
        return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
