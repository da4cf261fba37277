import Foundation
import TestSupport

/// The real program with a settings file of its own, and the processes that follow it.
///
/// All write into the first one's standard error; whatever still runs is killed in the end.
final class ReloadingResponder {
    let directory: TemporaryDirectory
    let socketPath: String
    /// The file that it is started from; a test may replace it.
    let programPath: String
    let settingsPath: String
    /// The first of the processes.
    let process: ChildProcess
    private let settings: String

    /// Starts the program and waits until it serves.
    ///
    /// - Parameters:
    ///   - further: lines of the settings file.
    ///   - listen: nil = the unix socket `socketPath`.
    ///   - launcher: a program, with its arguments, that starts this one.
    init(
        _ further: [String] = [], redis: String, listen: String? = nil, environment: [String: String] = [:],
        launcher: (_ socketPath: String) -> [String] = { _ in [] }
    ) throws {
        directory = try TemporaryDirectory()
        socketPath = directory.file("s.sock")
        programPath = directory.file("hookline-fcgi")
        try FileManager.default.createSymbolicLink(
            atPath: programPath, withDestinationPath: BuiltProducts.path("hookline-fcgi"))
        settings = """
            HOOKLINE_REDIS=\(redis)
            HOOKLINE_DIRECTORY=\(try SampleDirectory.make(in: directory))
            HOOKLINE_LISTEN=\(listen ?? "unix:\(socketPath)")
            HOOKLINE_RELOAD_SECONDS=20

            """
        settingsPath = try directory.write(settings + further.map { $0 + "\n" }.joined(), to: "settings")
        let variables = ["HOOKLINE_SETTINGS_FILE": settingsPath].merging(environment) { $1 }
        process = try ChildProcess(
            launcher(socketPath) + [programPath], environment: TestResponder.environment(variables))
    }

    deinit {
        for process in processes where Self.isRunning(process) && isOurs(process) { kill(process, SIGKILL) }
    }

    /// Whether a process was started with this settings file, whatever program it runs: numbers come back.
    private func isOurs(_ process: Int32) -> Bool {
        let environment = FileManager.default.contents(atPath: "/proc/\(process)/environ") ?? Data()
        return environment.split(separator: 0).contains(Data("HOOKLINE_SETTINGS_FILE=\(settingsPath)".utf8))
    }

    /// Rewrites the settings file.
    func changeSettings(_ further: [String]) throws {
        try directory.write(settings + further.map { $0 + "\n" }.joined(), to: "settings")
    }

    /// Puts a shell script in the program's place.
    func replaceProgram(script: String) throws {
        try replaceProgram(by: "printf '%s\\n' '#!/bin/sh' \"$1\" > \"$2\"", script)
    }

    /// Puts a script in the program's place whose `--check` passes when a file is there, and not before.
    ///
    /// - Parameter body: what else the script does.
    func replaceProgram(checkingUntil gate: String, then body: String) throws {
        try replaceProgram(
            script: """
                case "$*" in *--check*) until [ -e \(gate) ]; do sleep 0.01; done; exit 0;; esac
                \(body)
                """)
    }

    /// Puts a copy of the program in its place: another file.
    func replaceProgramByCopy() throws {
        try replaceProgram(by: "cp \"$1\" \"$2\"", BuiltProducts.path("hookline-fcgi"))
    }

    /// The new file is written by a process of its own: one that is open for writing here would be so, too, in whatever
    /// another test starts at this moment, and could not be run.
    private func replaceProgram(by command: String, _ argument: String) throws {
        let path = directory.file("fresh")
        let script = "\(command) && chmod 755 \"$2\" && mv \"$2\" \"$3\""
        let (status, _, error) = try ChildProcess.run(["sh", "-c", script, "sh", argument, path, programPath])
        guard status == .exited(0) else { throw TestSupportError("the program is not replaced: \(error)") }
    }

    // MARK: What happens

    var log: String { process.standardError }

    func logLines(_ message: String) -> [[String: Any]] { TestResponder.logLines(log, message: message) }

    func waitForLog(_ message: String, count: Int = 1) throws {
        do {
            try waitUntil("\"\(message)\"", seconds: 30) { logLines(message).count >= count }
        } catch {
            throw TestSupportError("no line \"\(message)\" in:\n\(log)")
        }
    }

    /// Every process that has ever served, in their order.
    var processes: [Int32] { logLines("serving").compactMap { $0["process"] as? Int }.map(Int32.init) }

    /// The process that began to serve last.
    func current() throws -> Int32 {
        try waitForLog("serving")
        guard let process = processes.last else { throw TestSupportError("nothing serves: \(log)") }
        return process
    }

    /// Hands over by USR2; waits until the new process serves, and by default until the old one is gone.
    @discardableResult
    func reload(waitsForEnd: Bool = true) throws -> Int32 {
        let old = try current()
        let count = logLines("handed over").count
        kill(old, SIGUSR2)
        try waitForLog("handed over", count: count + 1)
        if waitsForEnd { try Self.waitForEnd(of: old) }
        return try current()
    }

    /// Ends the process that serves and waits for it.
    func stop(signal: Int32 = SIGTERM) throws {
        let process = try current()
        kill(process, signal)
        try Self.waitForEnd(of: process)
    }

    func client() throws -> FastCGIClient { try FastCGIClient(socketPath: socketPath) }

    func get(_ uri: String) throws -> FastCGIClient.Response {
        let client = try client()
        try client.sendRequest(FastCGIClient.parameters("GET", uri))
        return try client.readResponse()
    }

    // MARK: Processes

    static func waitForEnd(of process: Int32) throws {
        try waitUntil("process \(process) ends", seconds: 30) { !isRunning(process) }
    }

    /// A zombie counts as ended.
    static func isRunning(_ process: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let state = status.split(separator: ")").last?.split(separator: " ").first
        else { return false }
        return state != "Z" && state != "X"
    }

    /// The signals that the process has not taken yet.
    static func pendingSignals(_ process: Int32) throws -> UInt64 { try signals("ShdPnd:", process) }

    /// The signals that the process ignores.
    static func ignoredSignals(_ process: Int32) throws -> UInt64 { try signals("SigIgn:", process) }

    /// A set of signals as the kernel shows it.
    private static func signals(_ name: String, _ process: Int32) throws -> UInt64 {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
            let set = UInt64(line.dropFirst(name.count).trimmingCharacters(in: .whitespaces), radix: 16)
        else { throw TestSupportError("process \(process) has no \(name)") }
        return set
    }

    /// What each of the process' descriptors is, its number left out, in a fixed order.
    static func descriptors(_ process: Int32) throws -> [String] {
        let folder = "/proc/\(process)/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
        }.sorted()
    }
}

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
        let before = Set(try ReloadingResponder.descriptors(process))
        client = try FastCGIClient(socketPath: socketPath)
        bytes =
            FastCGIClient.beginning()
            + FastCGIClient.stream(
                .parameters, FastCGIClient.encoded(FastCGIClient.parameters("GET", "/-/ping")))
            + FastCGIClient.stream(.standardInput, [])
        try client.send(Array(bytes.prefix(Self.begun)))
        // Others may be closed meanwhile.
        try waitUntil("the request is begun") {
            try ReloadingResponder.descriptors(process).contains { $0.hasPrefix("socket:") && !before.contains($0) }
        }
    }

    /// Sends the rest and reads the response.
    func finish() throws -> FastCGIClient.Response {
        try client.send(Array(bytes.dropFirst(Self.begun)))
        return try client.readResponse()
    }
}
