import Foundation
import System

/// A server that plays a script on each connection, whatever is requested: for faults that a real Redis does not have.
package final class ScriptedServer: Sendable {
    package enum Step: Sendable {
        case send(String)
        /// Waits for the next request.
        case receive
        /// Sends a byte every few milliseconds until the other side closes.
        case trickle
        case close
        /// Keeps the connection and sends nothing more.
        case stall
    }

    package let socketPath: String
    private let directory: TemporaryDirectory
    private let descriptor: Int32
    private let connections = Lock<[Connection]>([])

    /// Closes its descriptor when neither the server nor the thread of the script uses it any more: closed earlier, the
    /// descriptor could belong to another test's connection while the script still writes to it.
    private final class Connection: Sendable {
        let descriptor: Int32

        init(_ descriptor: Int32) {
            self.descriptor = descriptor
        }

        deinit {
            close(descriptor)
        }
    }

    /// The number of accepted connections.
    package var connectionCount: Int { connections.withLock { $0.count } }

    /// - Parameter scripts: one for each connection, the last for all further ones.
    package init(_ scripts: [[Step]]) throws {
        directory = try TemporaryDirectory()
        socketPath = directory.file("scripted.sock")
        let listener = try listenOnUnixSocket(socketPath)
        descriptor = listener
        Thread { [weak self] in
            // Here and not in deinit, for the same reason as a connection's.
            defer { close(listener) }
            var number = 0
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                let connection = Connection(descriptor)
                guard let self else { return }
                self.connections.withLock { $0.append(connection) }
                let script = scripts[min(number, scripts.count - 1)]
                number += 1
                Thread { ScriptedServer.run(script, on: connection) }.start()
            }
        }.start()
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        for connection in connections.withLock({ $0 }) { shutdown(connection.descriptor, Int32(SHUT_RDWR)) }
    }

    private static func run(_ script: [Step], on shared: Connection) {
        defer { withExtendedLifetime(shared) {} }
        let connection = shared.descriptor
        var buffer = [UInt8](repeating: 0, count: 65536)
        guard recv(connection, &buffer, buffer.count, 0) > 0 else { return }
        for step in script {
            switch step {
            case .send(let text): _ = send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL))
            case .receive: guard recv(connection, &buffer, buffer.count, 0) > 0 else { return }
            case .trickle:
                _ = send(connection, "$100000\r\n", 9, Int32(MSG_NOSIGNAL))
                while send(connection, "x", 1, Int32(MSG_NOSIGNAL)) == 1 { usleep(5000) }
            case .close: shutdown(connection, Int32(SHUT_RDWR))
            case .stall: return
            }
        }
    }
}
