import Glibc

/// Why there is no socket to serve on.
enum ListeningError: Error, Hashable, CustomStringConvertible {
    /// Another process answers at the path.
    case inUse(path: String)
    case notASocket(path: String)
    /// Another process holds the folder of the socket's file locked.
    case locked(folder: String)
    case noSuchGroup(String)
    case failed(call: String, address: String, code: Int32)
    /// systemd passed another number of sockets than one.
    case inheritedCount(String)
    case inheritedIsNoListener(descriptor: Int32)
    /// Neither a setting nor the way the program was started says where requests come from.
    case nothingToServe

    var description: String {
        switch self {
        case .inUse(let path):
            "another process is listening on \(path): stop it first, or choose another path with --listen"
        case .notASocket(let path):
            "\(path) exists and is not a socket: remove it, or choose another path with --listen"
        case .locked(let folder):
            "another process holds the folder \(folder) locked, in which the socket is to be: end it first, or choose "
                + "another path with --listen"
        case .noSuchGroup(let name): "there is no group \(name) for --socket-group"
        case .failed(let call, let address, let code):
            "cannot listen on \(address): \(call) failed: \(String(cString: strerror(code)))"
        case .inheritedCount(let count): "systemd passed \(count) sockets (LISTEN_FDS), one is needed"
        case .inheritedIsNoListener(let descriptor): "descriptor \(descriptor) is not a listening socket"
        case .nothingToServe:
            "nothing to serve: give --listen unix:PATH or --listen HOST:PORT, or start the program by systemd socket "
                + "activation, by spawn-fcgi (socket on descriptor 0), or as a CGI program"
        }
    }
}
