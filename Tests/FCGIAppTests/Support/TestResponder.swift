import Foundation
import TestSupport

/// The real program as a FastCGI server on a unix socket, with a directory of its own.
final class TestResponder {
    let directory: TemporaryDirectory
    let socketPath: String
    let process: ChildProcess

    /// A path without a listener: most tests need no Redis.
    static let noRedis = "unix:/nonexistent/redis.sock"

    /// Starts the program and waits until it listens on the socket.
    ///
    /// - Parameter descriptorLimit: `ulimit -n` for it; nil = this process' own.
    init(
        _ flags: [String] = [], redis: String = noRedis, environment: [String: String] = [:],
        descriptorLimit: Int? = nil
    ) throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        let socketPath = directory.file("s.sock")
        self.socketPath = socketPath
        let limit = descriptorLimit.map { ["sh", "-c", "ulimit -n \($0); exec \"$@\"", "sh"] } ?? []
        let process = try ChildProcess(
            limit + [
                BuiltProducts.path("hookline-fcgi"), "--listen", "unix:\(socketPath)", "--redis", redis, "--directory",
                SampleDirectory.make(in: directory),
            ] + flags, environment: TestResponder.environment(environment))
        self.process = process
        try waitUntil("the responder listens", seconds: 20) {
            guard process.isRunning else { throw TestSupportError("it ended: \(process.standardError)") }
            guard let descriptor = try? connectUnixSocket(socketPath) else { return false }
            close(descriptor)
            return true
        }
    }

    /// Runs the program to its end where it is expected to refuse; it would listen on a socket.
    static func runToEnd(
        _ flags: [String]
    ) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        let directory = try TemporaryDirectory()
        return try ChildProcess.run(
            [
                BuiltProducts.path("hookline-fcgi"), "--listen", "unix:\(directory.file("s"))", "--directory",
                SampleDirectory.make(in: directory),
            ] + flags, environment: environment([:]))
    }

    func client() throws -> FastCGIClient {
        try FastCGIClient(socketPath: socketPath)
    }

    /// Sends one GET request on a connection of its own.
    func get(_ uri: String, _ further: [(String, String)] = []) throws -> FastCGIClient.Response {
        let client = try client()
        try client.sendRequest(FastCGIClient.parameters("GET", uri, further))
        return try client.readResponse()
    }

    /// Asks to stop and waits for the end.
    func stop(signal: Int32 = SIGTERM) throws -> ChildProcess.ExitStatus {
        process.send(signal: signal)
        return try process.waitForExit()
    }

    /// The log's lines with this message, as JSON objects.
    func logLines(message: String) -> [[String: Any]] {
        TestResponder.logLines(process.standardError, message: message)
    }

    static func logLines(_ text: String, message: String) -> [[String: Any]] {
        ProgramRun.logLines(text, message: message)
    }

    /// This process' environment without Hookline's variables, and `further`.
    static func environment(_ further: [String: String]) -> [String: String] {
        ProgramRun.environment(further)
    }
}
