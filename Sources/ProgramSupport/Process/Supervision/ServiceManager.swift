import Glibc
import System

/// The service manager that started the program and wants to hear how it is (sd_notify's protocol).
///
/// Says nothing where there is none. A message that cannot be sent is lost, and the program goes on without, but for the
/// one about a successor.
package struct ServiceManager: Sendable {
    /// What a message that is blocked by a full queue may take, in microseconds.
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

    /// Whether anybody listens.
    package var isPresent: Bool { !address.isEmpty }

    /// The program serves.
    package func tellReady() {
        send("READY=1\nSTATUS=ServerMain")
    }

    /// A reload has begun; `tellReady` or `tellSuccessor` ends it.
    package func tellReloading() {
        let now = MonotonicTime.now().microseconds
        send("RELOADING=1\nMONOTONIC_USEC=\(now)\nSTATUS=Handing over to a new process")
    }

    /// Another process, which serves already, is the main one from now on. What this process says later is not listened to.
    ///
    /// - Returns: whether it is sent, or nobody is to hear it. Else it is to be tried again: a service manager that does not
    ///   know the successor would end it with this process.
    @discardableResult
    package func tellSuccessor(_ process: Int32) -> Bool {
        send("MAINPID=\(process)\nREADY=1\nSTATUS=ServerMain")
    }

    package func tellStopping() {
        send("STOPPING=1\nSTATUS=Finishing what has begun")
    }

    /// The program works; to be said at least once in the watchdog's interval.
    package func tellAlive() {
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
        let text = Array(message.utf8)
        return withAddress { address, length in
            sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), address, length) == text.count
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
