import Glibc

/// How the program was started, derived from its environment and its descriptors.
package struct Invocation {
    package let environment: [String: String]

    package init(environment: [String: String]) {
        self.environment = environment
    }

    /// Whether a web server runs this process for one request.
    ///
    /// Decided before any setting is read: what a web server passes as arguments may come from the client's query.
    package var isPlainCGI: Bool {
        environment["GATEWAY_INTERFACE"] != nil && !Self.isListening(STDIN_FILENO)
    }

    /// Whether the descriptor is a listening socket.
    package static func isListening(_ descriptor: Int32) -> Bool {
        var isAccepting: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isAccepting, &size) == 0 && isAccepting != 0
    }
}
