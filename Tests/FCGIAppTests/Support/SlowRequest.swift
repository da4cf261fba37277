import TestSupport

/// A request that a process has begun to read and that is not complete until the test wants it to be.
final class SlowRequest {
    private static let begun = 20

    private let client: FastCGIClient
    private let bytes: [UInt8]

    /// Sends the beginning and waits until `process` has taken it: the connection is its own from then on.
    convenience init(to responder: ReloadingResponder, process: Int32) throws {
        try self.init(socketPath: responder.socketPath, process: process)
    }

    /// The same by way of a unix socket.
    init(socketPath: String, process: Int32) throws {
        let idle = try ReloadingResponder.descriptors(process).count
        client = try FastCGIClient(socketPath: socketPath)
        bytes =
            FastCGIClient.beginning()
            + FastCGIClient.stream(
                .parameters, FastCGIClient.encoded(FastCGIClient.parameters("GET", "/-/ping")))
            + FastCGIClient.stream(.standardInput, [])
        try client.send(Array(bytes.prefix(Self.begun)))
        // The connection, and libfcgi's duplicate of it.
        try waitUntil("the request is begun") { try ReloadingResponder.descriptors(process).count == idle + 2 }
    }

    /// Sends the rest and reads the answer.
    func finish() throws -> FastCGIClient.Response {
        try client.send(Array(bytes.dropFirst(Self.begun)))
        return try client.readResponse()
    }
}
