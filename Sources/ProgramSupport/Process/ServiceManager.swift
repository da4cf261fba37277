import Glibc
import System

/// The service manager that started the program, notified by sd_notify's protocol.
///
/// Without a service manager, nothing is sent. A message that cannot be sent is lost, except the one about a new
/// process, which its sender repeats.
package struct ServiceManager: Sendable {
    /// How long sending a message may block, in microseconds.
    private static let sendTimeout = 500_000

    /// The socket's path; of an abstract one the first byte is 0.
    private let address: [UInt8]

    /// - Parameter environment: `NOTIFY_SOCKET` names the socket: a path, or `@NAME` for an abstract one.
    package init(environment: [String: String]) {
        var bytes = Array((environment["NOTIFY_SOCKET"] ?? "").utf8)
        let isUsable =
            [UInt8(ascii: "/"), UInt8(ascii: "@")].contains(bytes.first)
            && bytes.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        address = isUsable ? bytes : []
    }

    /// Whether there is a service manager.
    package var isPresent: Bool { !address.isEmpty }

    /// The program serves.
    package func notifyReady() {
        send("READY=1\nSTATUS=Serving")
    }

    /// A reload has begun; `notifyReady` or `notifyMainProcess` ends it.
    package func notifyReloading() {
        let now = MonotonicTime.now().microseconds
        send("RELOADING=1\nMONOTONIC_USEC=\(now)\nSTATUS=Handing over to a new process")
    }

    /// Another process, which serves already, is the main one from now on. Later messages of this process are ignored.
    ///
    /// - Returns: false if it could not be sent and must be repeated: a service manager that does not know the new
    ///   process would kill it when this one ends.
    @discardableResult
    package func notifyMainProcess(_ process: Int32) -> Bool {
        send("MAINPID=\(process)\nREADY=1\nSTATUS=Serving")
    }

    package func notifyStopping() {
        send("STOPPING=1\nSTATUS=Finishing work in progress")
    }

    /// The program makes progress; to be sent at least once in the watchdog's interval.
    package func notifyAlive() {
        send("WATCHDOG=1")
    }

    @discardableResult
    private func send(_ message: String) -> Bool {
        guard isPresent else { return true }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 0, tv_usec: Self.sendTimeout)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let bytes = Array(message.utf8)
        return withAddress { address, length in
            sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length) == bytes.count
        }
    }

    private func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: address) }
        // An abstract name ends with its last byte, a path with a zero.
        let isAbstract = address.first == 0
        let length = MemoryLayout<sa_family_t>.size + address.count + (isAbstract ? 0 : 1)
        return withUnsafePointer(to: name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }
}
