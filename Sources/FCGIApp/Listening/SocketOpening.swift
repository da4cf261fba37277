import ProgramSupport

/// Where the listening socket comes from: the predecessor, the settings, or whoever started the program.
struct SocketOpening {
    let configuration: Configuration
    let start: ProgramStart

    /// The socket, and whether it is the predecessor's.
    func open() throws(ListeningError) -> (socket: ListeningSocket, isTaken: Bool) {
        if let handed = try handedSocket() { return (handed, true) }
        let own = try ListeningSocket.open(
            configuration.listen, mode: configuration.socketMode, group: configuration.socketGroup)
        if let own { return (own, false) }
        return (try Invocation(environment: start.environment).inheritedSocket(), false)
    }

    private func handedSocket() throws(ListeningError) -> ListeningSocket? {
        guard let oldProcess = start.oldProcess, let handed = InheritedSocket(oldProcess.details) else { return nil }
        return try handed.adopt(
            as: configuration.listen, mode: configuration.socketMode, group: configuration.socketGroup)
    }
}
