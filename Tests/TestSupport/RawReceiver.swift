import Foundation
import System

/// A server on a loopback port that answers each request with the same bytes, valid HTTP or not, and then ends the
/// connection: for responses that no HTTP library would send. As an outgoing proxy it gets the request for the proxy.
package final class RawReceiver: Sendable {
    package let port: UInt16
    private let listener: Int32
    private let requests = Lock<[String]>([])

    /// - Parameters:
    ///   - response: sent after each request.
    ///   - isReset: whether the connection ends with a reset and not in order.
    package init(_ response: String, isReset: Bool = false) throws {
        port = try freePort()
        listener = try listenLoopback(address: "127.0.0.1", port: port)
        Thread.detachNewThread { [weak self, listener] in
            defer { close(listener) }
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0, let receiver = self else { return }
                Thread.detachNewThread { [weak receiver] in
                    let connection = ReceiverConnection(descriptor)
                    if let request = connection.readRequest(number: 0) {
                        receiver?.note(request.path)
                        _ = connection.write(response)
                        if isReset {
                            connection.resetOnClose()
                        } else {
                            shutdown(descriptor, Int32(SHUT_WR))
                            connection.waitForEnd()
                        }
                    }
                    close(descriptor)
                }
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private func note(_ target: String) { requests.withLock { $0.append(target) } }

    /// The targets of the requests so far.
    package var targets: [String] { requests.withLock { $0 } }

    package func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }
}
