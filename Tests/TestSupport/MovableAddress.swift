import Foundation

/// An address in front of Redis that can be led to another server, as a virtual address or a proxy does in a failover.
/// Open connections stay where they are.
package final class MovableAddress: @unchecked Sendable {
    private let directory: TemporaryDirectory
    private let listener: Int32
    private let lock = NSLock()
    private var path: String
    private var descriptors: [Int32] = []
    private var accepted = 0

    /// The setting `HOOKLINE_REDIS` for this address.
    package var url: String { "unix:" + directory.file("address.sock") }

    /// The number of connections made so far.
    package var connectionCount: Int { lock.withLock { accepted } }

    package init(leadingTo server: RedisServer) throws {
        directory = try TemporaryDirectory()
        path = server.socketPath
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = directory.file("address.sock")
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(name.utf8)) }
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard isBound, listen(listener, 64) == 0 else { throw TestSupportError("listen failed: errno \(errno)") }
        Thread { [weak self] in
            defer { close(listener) }
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else { return }
                self.serve(client)
            }
        }.start()
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        for descriptor in descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    /// Leads new connections to another server.
    package func lead(to server: RedisServer) {
        lock.withLock { path = server.socketPath }
    }

    private func serve(_ client: Int32) {
        let path = lock.withLock {
            accepted += 1
            return self.path
        }
        guard let server = try? connectUnixSocket(path) else {
            close(client)
            return
        }
        lock.withLock { descriptors += [client, server] }
        // Descriptors are not closed before the process ends: a number used again could be another test's.
        for (source, target) in [(client, server), (server, client)] {
            Thread { Self.copy(from: source, to: target) }.start()
        }
    }

    private static func copy(from source: Int32, to target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            var sent = 0
            while sent < count {
                let written = buffer[sent..<count].withUnsafeBytes {
                    send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard written > 0 else { break }
                sent += written
            }
        }
        shutdown(target, Int32(SHUT_RDWR))
        shutdown(source, Int32(SHUT_RDWR))
    }
}

extension RedisServer {
    /// Makes this server the master of what `master` has, and `master` its replica; open connections stay.
    ///
    /// Both have a port.
    package func takeOver(from master: RedisServer) throws {
        guard let port, let masterPort = master.port else { throw TestSupportError("a failover needs ports") }
        for server in [self, master] { try server.command("CONFIG", "SET", "repl-diskless-sync-delay", "0") }
        try command("REPLICAOF", "127.0.0.1", String(masterPort))
        try waitUntil("the replica is in sync") {
            try command("INFO", "replication").contains("master_link_status:up")
        }
        try command("REPLICAOF", "NO", "ONE")
        try master.command("REPLICAOF", "127.0.0.1", String(port))
        try waitUntil("the old master is a replica") { try master.command("ROLE").contains("slave") }
    }
}
