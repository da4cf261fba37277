import Glibc
import ProgramSupport
import ResponderSupport

/// The listening socket that a reload passes from the old process to the new one, as the old one describes it.
struct InheritedSocket: Hashable, CustomStringConvertible {
    /// The old process's setting `listen`.
    let address: ListenAddress
    /// The socket's file, if the old process or one before it made it.
    let file: UnixSocketFile?

    init(_ socket: ListeningSocket, address: ListenAddress) {
        self.address = address
        if case .own(let file) = socket.ownership { self.file = file } else { file = nil }
    }

    /// Parses `description`; nil for anything else.
    init?(_ description: String) {
        let words = description.split(separator: " ", maxSplits: 3).map(String.init)
        switch words.first {
        case "inherited" where words.count == 1: (address, file) = (.inherited, nil)
        case "network" where words.count == 3:
            guard let port = UInt16(words[2]) else { return nil }
            (address, file) = (.network(host: words[1], port: port), nil)
        case "unix" where words.count == 4:
            guard let device = UInt(words[1]), let inode = UInt(words[2]) else { return nil }
            address = .unix(path: words[3])
            file = UnixSocketFile(path: words[3], device: device, inode: inode)
        default: return nil
        }
    }

    var description: String {
        switch address {
        case .inherited: "inherited"
        case .network(let host, let port): "network \(host) \(port)"
        case .unix(let path): "unix \(file?.device ?? 0) \(file?.inode ?? 0) \(path)"
        }
    }

    /// The socket in this process, which owns it from now on as the old one did. Nil when this process has to listen on
    /// another address, or when the socket's file is gone.
    ///
    /// - Parameters:
    ///   - mode: of a unix socket's file; may have changed since the old process made it.
    ///   - group: as `mode`; nil = unchanged.
    func adopt(as wanted: ListenAddress, mode: UInt16, group: String?) throws(ListeningError) -> ListeningSocket? {
        let descriptor = OldProcess.firstDescriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        guard wanted == address, file?.isInPlace != false, Invocation.isListening(descriptor) else {
            close(descriptor)
            return nil
        }
        if let file { try UnixListener(path: file.path, mode: mode, group: group).setPermissions() }
        return ListeningSocket(
            descriptor: descriptor, ownership: address == .inherited ? .inherited : .own(file: file))
    }
}

extension Invocation {
    /// The first descriptor that systemd passes.
    private static let firstPassedDescriptor: Int32 = 3

    /// The listening socket that systemd passed, or that is descriptor 0.
    func inheritedSocket() throws(ListeningError) -> ListeningSocket {
        if environment["LISTEN_PID"] == String(getpid()), let count = environment["LISTEN_FDS"] {
            guard count == "1" else { throw .inheritedCount(count) }
            guard Self.isListening(Self.firstPassedDescriptor) else {
                throw .inheritedIsNoListener(descriptor: Self.firstPassedDescriptor)
            }
            return ListeningSocket(descriptor: Self.firstPassedDescriptor, ownership: .inherited)
        }
        guard Self.isListening(STDIN_FILENO) else { throw .nothingToServe }
        return ListeningSocket(descriptor: STDIN_FILENO, ownership: .inherited)
    }
}
