import Glibc

/// How the program was started, told from its environment and its descriptors.
struct Invocation {
    /// The first descriptor that systemd passes.
    private static let firstPassedDescriptor: Int32 = 3

    let environment: [String: String]

    /// Whether a web server runs this process for one request.
    ///
    /// Decided before any setting is read: what a web server passes as arguments may come from the client's query.
    var isPlainCGI: Bool {
        environment["GATEWAY_INTERFACE"] != nil && !Self.isListening(STDIN_FILENO)
    }

    /// The listening socket that was passed by systemd or as descriptor 0.
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

    static func isListening(_ descriptor: Int32) -> Bool {
        var isAccepting: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isAccepting, &size) == 0 && isAccepting != 0
    }
}
