import Glibc
import ProgramSupport
import ResponderSupport

/// A socket that web servers connect to.
struct ListeningSocket: Sendable {
    enum Ownership: Sendable {
        /// Made by this process or one before it; `file` for a unix socket.
        case own(file: UnixSocketFile?)
        /// Made by another program, which may share it with other processes.
        case inherited
    }

    /// The length of the listen queue; php-fpm's default.
    static let backlog: Int32 = 511

    let descriptor: Int32
    let ownership: Ownership

    var isOwn: Bool {
        if case .own = ownership { true } else { false }
    }

    /// Makes the socket that the setting asks for; nil when it asks for an inherited one.
    static func open(
        _ address: ListenAddress, mode: UInt16, group: String?
    ) throws(ListeningError) -> ListeningSocket? {
        switch address {
        case .inherited: nil
        case .unix(let path): try UnixListener(path: path, mode: mode, group: group).open(backlog: backlog)
        case .network(let host, let port): try NetworkListener(host: host, port: port).open(backlog: backlog)
        }
    }

    /// Removes the file of a unix socket that this process owns: no new connection can be made, existing ones are
    /// served.
    func withdraw() {
        if case .own(let file?) = ownership { file.remove() }
    }

    /// Ends listening on a socket that this process owns. The descriptor stays open: a thread may be about to use it.
    func refuse() {
        if isOwn { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
}

/// Opens the listening socket: inherited from the previous process, made as the settings say, or passed at the start.
struct SocketOpening {
    let configuration: Configuration
    let start: ProgramStart

    /// The socket, and whether it is the previous process'.
    func open() throws(ListeningError) -> (socket: ListeningSocket, isTaken: Bool) {
        if let inherited = try inheritedSocketOfReload() { return (inherited, true) }
        let own = try ListeningSocket.open(
            configuration.listen, mode: configuration.socketMode, group: configuration.socketGroup)
        if let own { return (own, false) }
        return (try Invocation(environment: start.environment).inheritedSocket(), false)
    }

    private func inheritedSocketOfReload() throws(ListeningError) -> ListeningSocket? {
        guard let oldProcess = start.oldProcess, let socket = InheritedSocket(oldProcess.details) else { return nil }
        return try socket.adopt(
            as: configuration.listen, mode: configuration.socketMode, group: configuration.socketGroup)
    }
}

/// Why there is no listening socket.
enum ListeningError: Error, Hashable, CustomStringConvertible {
    /// Another process listens at the path.
    case inUse(path: String)
    case notASocket(path: String)
    /// Another process holds the folder of the socket's file locked.
    case locked(folder: String)
    case noSuchGroup(String)
    case failed(call: String, address: String, code: Int32)
    /// systemd passed more or fewer sockets than one.
    case inheritedCount(String)
    case inheritedIsNoListener(descriptor: Int32)
    /// Neither a setting nor the program's start provides a socket or a CGI request.
    case nothingToServe

    var description: String {
        switch self {
        case .inUse(let path):
            "another process is listening on \(path): stop it first, or choose another path with --listen"
        case .notASocket(let path):
            "\(path) exists and is not a socket: remove it, or choose another path with --listen"
        case .locked(let folder):
            "another process holds a lock on \(folder), the folder of the socket: stop it first, or choose another "
                + "path with --listen"
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
