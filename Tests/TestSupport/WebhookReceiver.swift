package import Foundation

/// A small real HTTP server on loopback addresses that behaves as the path asks, and remembers what it got.
///
/// Paths: `/status/CODE`, `/size/BYTES`, `/retry-after/VALUE` (429), `/error-ids`, `/interim`, `/redirect?URL`, `/hang`
/// (no answer), `/hang-body`, `/drip` (a byte now and then for ever), `/endless`, `/huge` (announces 1 GB), `/cut` (less
/// than announced), `/garbage` (no HTTP), `/long-headers`, `/reset`, `/close`, `/close-after` (200, then closes without
/// having said so), `/hold` (200 once `release` is called). Any other is 200.
package final class WebhookReceiver: @unchecked Sendable {
    /// One request as it came.
    package struct Received: Sendable {
        package var path: String
        /// In the order they came, names as sent.
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]
        package var time: Date
        /// Counts the connections from 0.
        package var connection: Int

        /// The first header of this name, letter case ignored.
        package func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    package let port: UInt16
    private let listeners: [Int32]
    private let state = NSCondition()
    private var ledger: [Received] = []
    private var open: Set<Int32> = []
    private var connectionCount = 0
    private var isReleased = false
    private var isStopped = false

    /// Starts listening.
    ///
    /// - Parameter addresses: loopback addresses, all with the same port.
    package init(addresses: [String] = ["127.0.0.1"]) throws {
        port = try freePort()
        let port = port
        listeners = try addresses.map { try listenLoopback(address: $0, port: port) }
        for listener in listeners {
            Thread.detachNewThread { [weak self] in
                // Closed by the one thread that uses it, so that its number is nobody else's meanwhile.
                defer { close(listener) }
                while true {
                    let descriptor = accept(listener, nil, nil)
                    guard descriptor >= 0 else { return }
                    guard let receiver = self else {
                        close(descriptor)
                        return
                    }
                    receiver.take(descriptor)
                }
            }
        }
    }

    deinit { stop() }

    /// Closes everything; what hangs ends.
    package func stop() {
        state.withLock {
            guard !isStopped else { return }
            isStopped = true
            state.broadcast()
            listeners.forEach { shutdown($0, Int32(SHUT_RDWR)) }
            open.forEach { shutdown($0, Int32(SHUT_RDWR)) }
        }
    }

    /// Everything that came, in order.
    package var received: [Received] { state.withLock { ledger } }

    package func received(_ path: String) -> [Received] { received.filter { $0.path == path } }

    package var acceptedConnections: Int { state.withLock { connectionCount } }

    /// Lets the requests that are held, and later ones, be answered.
    package func release() {
        state.withLock {
            isReleased = true
            state.broadcast()
        }
    }

    package func url(_ path: String, host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }

    private func take(_ descriptor: Int32) {
        let number = state.withLock {
            open.insert(descriptor)
            connectionCount += 1
            return connectionCount - 1
        }
        Thread.detachNewThread { [weak self] in
            let connection = ReceiverConnection(descriptor)
            while let receiver = self, let request = connection.readRequest(number: number) {
                receiver.state.withLock { receiver.ledger.append(request) }
                guard receiver.answer(request.path, on: connection) else { break }
            }
            self?.state.withLock { _ = self?.open.remove(descriptor) }
            close(descriptor)
        }
    }

    /// Behaves as the path says; false when the connection is to be closed.
    private func answer(_ path: String, on connection: ReceiverConnection) -> Bool {
        let parts = path.dropFirst().split(separator: "/", maxSplits: 1).map(String.init)
        let argument = parts.count > 1 ? parts[1] : ""
        switch parts.first ?? "" {
        case "status": return connection.answer(status: argument, body: "status \(argument)")
        case "size": return connection.answer(body: String(repeating: "x", count: Int(argument) ?? 0))
        case "retry-after": return connection.answer(status: "429", headers: ["Retry-After: \(argument)"])
        case "error-ids":
            return connection.answer(
                status: "500",
                headers: ["sentry-hook-error: \(String(repeating: "e", count: 32))", "SENTRY-HOOK-PROJECT:7 "])
        case "interim": return connection.write("HTTP/1.1 103 Early\r\nRetry-After: 1\r\n\r\n") && connection.answer()
        case "hold": return held() && connection.answer()
        case "close-after": return connection.answer() && false
        case let other where other.hasPrefix("redirect?"):
            return connection.answer(
                status: "302", headers: ["Location: \(path.dropFirst("/redirect?".count))"])
        default: return misbehave(parts.first ?? "", on: connection)
        }
    }

    private func misbehave(_ name: String, on connection: ReceiverConnection) -> Bool {
        switch name {
        case "hang": connection.waitForEnd()
        case "hang-body":
            _ = connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
            connection.waitForEnd()
        case "drip":
            _ = connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while connection.write("x") { usleep(20000) }
        case "endless":
            _ = connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "4000\r\n" + String(repeating: "x", count: 0x4000) + "\r\n"
            while connection.write(chunk) {}
        case "huge":
            _ = connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            let block = String(repeating: "x", count: 0x4000)
            while connection.write(block) {}
        case "cut": _ = connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        case "garbage": _ = connection.write("220 mail.example ESMTP ready\r\n")
        case "long-headers":
            _ = connection.write("HTTP/1.1 200 OK\r\n")
            while connection.write("X-Padding: \(String(repeating: "x", count: 1000))\r\n") {}
        case "reset": connection.resetOnClose()
        case "close": break
        default: return connection.answer()
        }
        return false
    }

    private func held() -> Bool {
        state.withLock {
            while !isReleased && !isStopped { state.wait() }
            return !isStopped
        }
    }
}
