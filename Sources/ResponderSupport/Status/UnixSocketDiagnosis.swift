import CSystem
import Glibc

/// Asks the kernel about a unix socket, by netlink (sock_diag(7), unix_diag.h). Needs no privilege.
struct UnixSocketDiagnosis {
    private static let protocolNumber: Int32 = 4  // NETLINK_SOCK_DIAG
    private static let byFamily: UInt16 = 20  // SOCK_DIAG_BY_FAMILY
    private static let showsQueue: UInt32 = 0x10  // UDIAG_SHOW_RQLEN
    private static let queueAttribute: UInt16 = 4  // UNIX_DIAG_RQLEN
    private static let messageHeader = 16
    private static let replyHeader = 16  // struct unix_diag_msg
    /// The kernel replies at once or not at all.
    private static let timeoutMilliseconds: Int32 = 100

    private let inode: UInt32

    /// - Parameter descriptor: the socket; the result is nil when it is not a valid descriptor.
    init?(descriptor: Int32) {
        var state = stat()
        guard fstat(descriptor, &state) == 0, let inode = UInt32(exactly: state.st_ino) else { return nil }
        self.inode = inode
    }

    /// The queue of the socket, which listens; nil when the kernel does not report it.
    func listenQueue() -> ListenQueue.Length? {
        let netlink = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), Self.protocolNumber)
        guard netlink >= 0 else { return nil }
        defer { close(netlink) }
        let request = request()
        guard request.withUnsafeBytes({ send(netlink, $0.baseAddress, $0.count, 0) }) == request.count else {
            return nil
        }
        var state = pollfd(fd: netlink, events: Int16(POLLIN), revents: 0)
        guard poll(&state, 1, Self.timeoutMilliseconds) > 0 else { return nil }
        var reply = [UInt8](repeating: 0, count: 1024)
        let count = recv(netlink, &reply, reply.count, 0)
        return count > 0 ? Self.read(reply.prefix(count)) : nil
    }

    /// `struct nlmsghdr` and `struct unix_diag_req`, in the machine's byte order.
    private func request() -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value) { bytes += $0 } }
        append(UInt32(Self.messageHeader + 24))
        append(Self.byFamily)
        append(UInt16(1))  // NLM_F_REQUEST
        append(UInt32(1))  // Sequence
        append(UInt32(0))  // Port id of the sender, which the kernel assigns
        append(UInt8(AF_UNIX))
        append(UInt8(0))
        append(UInt16(0))
        append(UInt32.max)  // Any state of the socket
        append(inode)
        append(Self.showsQueue)
        append(UInt64.max)  // No cookie
        return bytes
    }

    /// Reads the kernel's reply; nil when it is an error or has no queue.
    static func read(_ reply: ArraySlice<UInt8>) -> ListenQueue.Length? {
        let bytes = Array(reply)
        func value<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type) -> Value? {
            guard offset + MemoryLayout<Value>.size <= bytes.count else { return nil }
            return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
        }
        guard value(at: 4, as: UInt16.self) == byFamily else { return nil }
        var offset = messageHeader + replyHeader
        while let length = value(at: offset, as: UInt16.self), length >= 4 {
            if value(at: offset + 2, as: UInt16.self) == queueAttribute,
                let waiting = value(at: offset + 4, as: UInt32.self),
                let capacity = value(at: offset + 8, as: UInt32.self)
            {
                return ListenQueue.Length(waiting: Int(waiting), capacity: Int(capacity))
            }
            offset += (Int(length) + 3) & ~3
        }
        return nil
    }
}
