import Directory
import Foundation
import TestSupport

/// The real program with an empty directory of its own.
final class TestWorker {
    let directory: TemporaryDirectory
    let process: ChildProcess

    init(_ flags: [String] = [], redis: String, environment: [String: String] = [:]) throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        process = try ChildProcess(
            [
                BuiltProducts.path("hookline-worker"), "--redis", redis, "--directory",
                Self.makeDirectory(in: directory),
            ] + flags, environment: Self.environment(environment))
    }

    /// The log's lines with this message, as JSON objects.
    func logLines(message: String) -> [[String: Any]] {
        ProgramRun.logLines(process.standardError, message: message)
    }

    /// Waits until the log has a line with this message.
    func waitForLog(_ message: String) throws {
        try waitUntil("the worker logs \"\(message)\"", seconds: 20) {
            guard process.isRunning else { throw TestSupportError("it ended: \(process.standardError)") }
            return !logLines(message: message).isEmpty
        }
    }

    /// Waits until the log has a line with this message, which may be one of its last.
    func waitForLogOrEnd(_ message: String) throws {
        try waitUntil("the worker logs \"\(message)\"", seconds: 20) { !logLines(message: message).isEmpty }
    }

    /// Makes an empty directory and returns the setting for it.
    static func makeDirectory(in directory: TemporaryDirectory) throws -> String {
        let path = directory.file("directory.sqlite")
        _ = try SQLiteDirectoryWriter(path: path)
        return "sqlite:\(path)"
    }

    /// Runs the program to its end.
    static func run(
        _ flags: [String], environment: [String: String] = [:]
    ) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        try ChildProcess.run(
            [BuiltProducts.path("hookline-worker")] + flags, environment: Self.environment(environment))
    }

    /// This process' environment without Hookline's variables, and `further`.
    static func environment(_ further: [String: String]) -> [String: String] {
        ProgramRun.environment(further)
    }
}

/// Where the repository lies.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../..").standardizedFileURL

    static func path(_ path: String) -> String { root.appendingPathComponent(path).path }
}
