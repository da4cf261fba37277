import Glibc
import ProgramSupport

/// The listening socket on its way from one process to the next, as the old one describes it.
struct InheritedSocket: Hashable {
    /// What the old process was told to listen on.
    let address: ListenAddress
    /// The socket's file, if the old process, or one before it, made it.
    let file: UnixSocketFile?

    init(_ socket: ListeningSocket, address: ListenAddress) {
        self.address = address
        if case .own(let file) = socket.ownership { self.file = file } else { file = nil }
    }

    /// Reads what `text` has written; nil for anything else.
    init?(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 3).map(String.init)
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

    var text: String {
        switch address {
        case .inherited: "inherited"
        case .network(let host, let port): "network \(host) \(port)"
        case .unix(let path): "unix \(file?.device ?? 0) \(file?.inode ?? 0) \(path)"
        }
    }

    /// The socket in this process, which from now on owns what the old one owned; nil when it is not what this process is
    /// told to listen on, or when its file is gone.
    ///
    /// - Parameters:
    ///   - mode: for a unix socket's file; may have changed since the old process made it.
    ///   - group: the same; nil leaves it as it is.
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
