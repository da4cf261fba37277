import Glibc

/// A socket that web servers connect to.
struct ListeningSocket: Sendable {
    enum Ownership: Sendable {
        /// Made by this process; `file` for a unix socket.
        case own(file: UnixSocketFile?)
        /// Made by another process, which may hand it to others, too.
        case inherited
    }

    /// How many connections may wait to be accepted; php-fpm's default.
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

    /// Removes our own unix socket's file: nobody can connect any more, who has connected is still served.
    func withdraw() {
        if case .own(let file?) = ownership { file.remove() }
    }

    /// Ends listening on a socket of our own. The descriptor stays: a thread may be about to use it.
    func refuse() {
        if isOwn { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
}
