import Foundation

/// The web server's side of a FastCGI connection, byte by byte: for well-formed requests and for hostile ones.
package final class FastCGIClient {
    /// What came back on one request.
    package struct Response {
        package var status: Int
        /// In the order they came.
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }

        /// The first header of this name, letter case ignored.
        package func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    /// Numbers of the FastCGI specification, section 8.
    package enum RecordType: UInt8 {
        case beginRequest = 1
        case endRequest = 3
        case parameters = 4
        case standardInput = 5
        case standardOutput = 6
        case getValues = 9
    }

    private let descriptor: Int32

    package init(socketPath: String) throws {
        descriptor = try connectUnixSocket(socketPath)
    }

    /// Connects to 127.0.0.1.
    package init(port: UInt16) throws {
        descriptor = try connectLoopback(port: port)
    }

    deinit {
        close(descriptor)
    }

    // MARK: Sending

    package func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw TestSupportError("send failed: errno \(errno)") }
            sent += count
        }
    }

    /// Sends a whole request.
    ///
    /// - Parameter keepsConnection: whether the server is asked to leave the connection open.
    package func sendRequest(
        _ parameters: [(String, String)], body: [UInt8] = [], keepsConnection: Bool = false
    ) throws {
        try send(
            FastCGIClient.beginning(keepsConnection: keepsConnection)
                + FastCGIClient.stream(.parameters, FastCGIClient.encoded(parameters))
                + FastCGIClient.stream(.standardInput, body))
    }

    /// The parameters of a request as nginx sends them, the most necessary only.
    package static func parameters(
        _ method: String = "GET", _ uri: String, _ further: [(String, String)] = []
    ) -> [(String, String)] {
        [("REQUEST_METHOD", method), ("REQUEST_URI", uri)] + further
    }

    package static func beginning(keepsConnection: Bool = false) -> [UInt8] {
        record(.beginRequest, [0, 1, keepsConnection ? 1 : 0, 0, 0, 0, 0, 0])
    }

    /// Records of one stream and the empty one that ends it.
    package static func stream(_ type: RecordType, _ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var remaining = content[...]
        while !remaining.isEmpty {
            bytes += record(type, Array(remaining.prefix(65_528)))
            remaining = remaining.dropFirst(65_528)
        }
        return bytes + record(type, [])
    }

    package static func record(_ type: RecordType, _ content: [UInt8], padding: UInt8 = 0) -> [UInt8] {
        [1, type.rawValue, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 255), padding, 0] + content
            + [UInt8](repeating: 1, count: Int(padding))
    }

    package static func encoded(_ parameters: [(String, String)]) -> [UInt8] {
        parameters.flatMap { name, value in
            length(name.utf8.count) + length(value.utf8.count) + Array(name.utf8) + Array(value.utf8)
        }
    }

    private static func length(_ count: Int) -> [UInt8] {
        guard count > 127 else { return [UInt8(count)] }
        return [UInt8(count >> 24) | 0x80, UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)]
    }

    // MARK: Receiving

    /// Reads the response to one request up to its last record.
    package func readResponse(seconds: Double = 20) throws -> Response {
        var output: [UInt8] = []
        while true {
            let header = try read(count: 8, seconds: seconds)
            let content = try read(count: Int(header[4]) << 8 | Int(header[5]), seconds: seconds)
            _ = try read(count: Int(header[6]), seconds: seconds)
            switch RecordType(rawValue: header[1]) {
            case .standardOutput: output += content
            case .endRequest: return try FastCGIClient.response(output)
            default: throw TestSupportError("a record of type \(header[1]) came")
            }
        }
    }

    /// Whether the server has closed the connection; waits for it.
    package func waitForClose(seconds: Double = 20) throws {
        try waitUntil("the server closes the connection", seconds: seconds) {
            var byte: UInt8 = 0
            let count = recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT))
            return count == 0 || (count < 0 && errno != EAGAIN)
        }
    }

    /// Whether the server has neither sent anything nor closed the connection.
    package var isSilent: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT | MSG_PEEK)) < 0 && errno == EAGAIN
    }

    private func read(count: Int, seconds: Double) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&state, 1, Int32(seconds * 1000)) > 0 else {
                throw TestSupportError("no response within \(seconds) s")
            }
            let received = bytes[filled...].withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard received > 0 else { throw TestSupportError("the server closed the connection during a response") }
            filled += received
        }
        return bytes
    }

    private static func response(_ output: [UInt8]) throws -> Response {
        let text = output.firstIndex(sequence: [13, 10, 13, 10])
        guard let text else {
            throw TestSupportError("no end of headers in \(String(decoding: output, as: UTF8.self))")
        }
        let lines = String(decoding: output[..<text], as: UTF8.self).components(separatedBy: "\r\n")
        let headers = lines.map { line in
            let parts = line.components(separatedBy: ": ")
            return (name: parts[0], value: parts.dropFirst().joined(separator: ": "))
        }
        guard let status = headers.first(where: { $0.name == "Status" })?.value.prefix(3), let code = Int(status) else {
            throw TestSupportError("no status in \(lines)")
        }
        return Response(status: code, headers: headers, body: Array(output[(text + 4)...]))
    }
}

extension [UInt8] {
    fileprivate func firstIndex(sequence: [UInt8]) -> Int? {
        guard count >= sequence.count else { return nil }
        return (0...(count - sequence.count)).first { Array(self[$0..<$0 + sequence.count]) == sequence }
    }
}

/// Connects to a port of 127.0.0.1.
package func connectLoopback(port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw TestSupportError("socket failed: errno \(errno)") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard result == 0 else {
        let code = errno
        close(descriptor)
        throw TestSupportError("cannot connect to port \(port): \(String(cString: strerror(code)))")
    }
    return descriptor
}
