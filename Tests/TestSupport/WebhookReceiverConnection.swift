import Foundation

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

    private func readMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16384)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        input.append(contentsOf: buffer[..<count])
        return true
    }

    /// False when the peer has gone.
    func write(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    func answer(status: String = "200", headers: [String] = [], body: String = "ok") -> Bool {
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
