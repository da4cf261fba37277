import Foundation
import System

/// A proxy on a unix socket in front of a Redis. It can be led to another server, as a virtual address is in a failover:
/// open connections stay where they are.
package final class RedisProxy: Sendable {
    private struct State {
        var target: String
        var connectionCount = 0
        var receiptCount = 0
        var descriptors: [Int32] = []
    }

    private let directory: TemporaryDirectory
    private let listener: Int32
    private let state: Lock<State>

    /// The setting `HOOKLINE_REDIS` for the proxy.
    package var url: String { "unix:" + directory.file("proxy.sock") }

    /// The number of connections accepted so far.
    package var connectionCount: Int { state.withLock { $0.connectionCount } }

    /// How often something came from a client: once for each round trip, if its commands fit into one packet.
    package var roundTripCount: Int { state.withLock { $0.receiptCount } }

    package convenience init(_ server: RedisServer) throws {
        try self.init(server, rewrite: Self.takeAll)
    }

    /// - Parameter rewrite: removes requests from what was received and returns what is sent instead.
    init(_ server: RedisServer, rewrite: @escaping @Sendable (inout [UInt8]) -> [UInt8]) throws {
        directory = try TemporaryDirectory()
        state = Lock(State(target: server.socketPath))
        let listener = try listenOnUnixSocket(directory.file("proxy.sock"))
        self.listener = listener
        Thread { [weak self] in
            defer { close(listener) }
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else { return }
                self.serve(client, rewrite)
            }
        }.start()
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        for descriptor in state.withLock({ $0.descriptors }) { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    /// Leads new connections to another server.
    package func lead(to server: RedisServer) {
        state.withLock { $0.target = server.socketPath }
    }

    private func serve(_ client: Int32, _ rewrite: @escaping @Sendable (inout [UInt8]) -> [UInt8]) {
        let target = state.withLock { state in
            state.connectionCount += 1
            return state.target
        }
        guard let server = try? connectUnixSocket(target) else {
            close(client)
            return
        }
        // Closed only with the process: a number that is used again could be another test's.
        state.withLock { $0.descriptors += [client, server] }
        let countReceipt = { @Sendable [weak self] (bytes: inout [UInt8]) -> [UInt8] in
            self?.state.withLock { $0.receiptCount += 1 }
            return rewrite(&bytes)
        }
        Thread { Self.copy(from: client, to: server, countReceipt) }.start()
        Thread { Self.copy(from: server, to: client, Self.takeAll) }.start()
    }

    private static func copy(from source: Int32, to target: Int32, _ rewrite: (inout [UInt8]) -> [UInt8]) {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            received += buffer[..<count]
            guard sendAll(rewrite(&received), to: target) else { break }
        }
        for descriptor in [source, target] { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    @Sendable private static func takeAll(of bytes: inout [UInt8]) -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }
}
