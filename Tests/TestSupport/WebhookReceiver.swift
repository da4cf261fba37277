package import Foundation

/// A small real HTTP server on loopback addresses that behaves as the path asks, and remembers what it got.
///
/// Paths: `/status/CODE`, `/scripted` (as `answer(with:)` says), `/judged/…` (as `answer(by:)` says), `/size/BYTES`,
/// `/retry-after/VALUE` (429), `/retry-after/VALUE/CODE`, `/error-ids`, `/interim`, `/redirect?URL`, `/hang`
/// (no response), `/hang-body`, `/drip` (a byte now and then for ever), `/endless`, `/huge` (announces 1 GB), `/cut`
/// (less than announced), `/garbage` (no HTTP), `/long-headers`, `/reset`, `/close`, `/close-after` (200, then closes
/// without having said so), `/hold` (200 once `release` is called), `/hang-first` (200 to all requests but the first).
/// Any other is 200.
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
    private var scriptedStatus = "200"
    private var judge: @Sendable (Received) -> Int = { _ in 200 }
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

    /// Lets the requests that are held, and later ones, get their responses.
    package func release() {
        state.withLock {
            isReleased = true
            state.broadcast()
        }
    }

    /// Sets the status of the responses to `/scripted`.
    package func answer(with status: Int) { state.withLock { scriptedStatus = String(status) } }

    /// Sets who decides on the status of the responses to `/judged/…`.
    package func answer(by judge: @escaping @Sendable (Received) -> Int) { state.withLock { self.judge = judge } }

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
                guard receiver.respond(to: request, on: connection) else { break }
            }
            self?.state.withLock { _ = self?.open.remove(descriptor) }
            close(descriptor)
        }
    }

    /// Behaves as the path says; false when the connection is to be closed.
    private func respond(to request: Received, on connection: ReceiverConnection) -> Bool {
        let path = request.path
        let parts = path.dropFirst().split(separator: "/", maxSplits: 1).map(String.init)
        let argument = parts.count > 1 ? parts[1] : ""
        switch parts.first ?? "" {
        case "status": return connection.respond(status: argument, body: "status \(argument)")
        case "size": return connection.respond(body: String(repeating: "x", count: Int(argument) ?? 0))
        case "scripted": return connection.respond(status: state.withLock { scriptedStatus })
        case "judged": return connection.respond(status: String(state.withLock { judge }(request)))
        case "retry-after":
            let values = argument.split(separator: "/").map(String.init)
            return connection.respond(
                status: values.count > 1 ? values[1] : "429", headers: ["Retry-After: \(values.first ?? "")"])
        case "error-ids":
            return connection.respond(
                status: "500",
                headers: ["sentry-hook-error: \(String(repeating: "e", count: 32))", "SENTRY-HOOK-PROJECT:7 "])
        case "interim": return connection.write("HTTP/1.1 103 Early\r\nRetry-After: 1\r\n\r\n") && connection.respond()
        case "hang-first" where received(path).count == 1:
            connection.waitForEnd()
            return false
        case "hang-first": return connection.respond()
        case "hold": return held() && connection.respond()
        case "close-after": return connection.respond() && false
        case let other where other.hasPrefix("redirect?"):
            return connection.respond(
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
        default: return connection.respond()
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

/// One connection of a `WebhookReceiver`, with blocking reads and writes.
final class ReceiverConnection {
    private let descriptor: Int32
    private var input: [UInt8] = []

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// The next request; nil when the peer has gone or sends something else than a request.
    func readRequest(number: Int) -> WebhookReceiver.Received? {
        var end = input.firstRange(of: [13, 10, 13, 10])
        while end == nil {
            guard readMore() else { return nil }
            end = input.firstRange(of: [13, 10, 13, 10])
        }
        guard let end else { return nil }
        let lines = String(decoding: input[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let target = lines[0].split(separator: " ")
        guard target.count == 3 else { return nil }
        let headers = lines.dropFirst().map { line -> (name: String, value: String) in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (parts[0], parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
        }
        let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        while input.count < end.upperBound + length {
            guard readMore() else { return nil }
        }
        let body = Array(input[end.upperBound..<end.upperBound + length])
        input.removeFirst(end.upperBound + length)
        return WebhookReceiver.Received(
            path: String(target[1]), headers: headers, body: body, time: Date(), connection: number)
    }

    /// The next line without its line break; nil when the peer has gone.
    func readLine() -> String? {
        while true {
            if let end = input.firstRange(of: [13, 10]) {
                defer { input.removeFirst(end.upperBound) }
                return String(decoding: input[..<end.lowerBound], as: UTF8.self)
            }
            guard readMore() else { return nil }
        }
    }

    private func readMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16384)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        input.append(contentsOf: buffer[..<count])
        return true
    }

    /// False when the peer has gone.
    func write(_ text: String) -> Bool {
        var remaining = Array(text.utf8)[...]
        while !remaining.isEmpty {
            let count = remaining.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            remaining = remaining.dropFirst(count)
        }
        return true
    }

    func respond(status: String = "200", headers: [String] = [], body: String = "ok") -> Bool {
        let head = ["HTTP/1.1 \(status) Scripted", "Content-Length: \(body.utf8.count)"] + headers
        return write(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    /// Says nothing until the peer, or the receiver's stop, ends the connection.
    func waitForEnd() {
        while readMore() {}
    }

    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}

/// A socket that listens on a loopback address, IPv4 or IPv6.
package func listenLoopback(address: String, port: UInt16, backlog: Int32 = 128) throws -> Int32 {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address, String(port), &hints, &found) == 0, let info = found?.pointee else {
        throw TestSupportError("no address: \(address)")
    }
    defer { freeaddrinfo(found) }
    let descriptor = socket(info.ai_family, info.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard bind(descriptor, info.ai_addr, info.ai_addrlen) == 0, listen(descriptor, backlog) == 0 else {
        close(descriptor)
        throw TestSupportError("cannot listen on \(address) port \(port): errno \(errno)")
    }
    return descriptor
}

/// A port that takes connections in the kernel and never says a word, or takes none at all.
package final class WebhookReceiverSilence: Sendable {
    package let port: UInt16
    private let descriptors: [Int32]

    /// - Parameter isFull: whether the queue of connections is full from the start, so that connecting hangs.
    package init(isFull: Bool = false) throws {
        let port = try freePort()
        self.port = port
        var descriptors = [try listenLoopback(address: "127.0.0.1", port: port, backlog: isFull ? 0 : 128)]
        for _ in 0..<(isFull ? 4 : 0) {
            let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = connect(filler, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            descriptors.append(filler)
        }
        self.descriptors = descriptors
    }

    deinit { descriptors.forEach { close($0) } }
}
