import Foundation

/// A program started by a test. Killed by its process id when the value is released.
package final class ChildProcess: @unchecked Sendable {
    package let pid: Int32
    /// Files that hold what the program wrote.
    package let outputPath: String
    package let errorPath: String

    private let directory: TemporaryDirectory
    private let lock = NSLock()
    private var exit: ExitStatus?

    /// How a program ended.
    package enum ExitStatus: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - arguments: the first is the program: a path, or a name looked up in `PATH`.
    ///   - environment: nil = this process' own without `HOOKLINE_*`. A settings file that the machine may have is not read
    ///     unless `HOOKLINE_SETTINGS_FILE` is among them.
    ///   - standardInput: a file descriptor that becomes 0 there (a listening socket, say); nil = /dev/null.
    ///   - inheriting: further descriptors, as (here, number there).
    package init(
        _ arguments: [String], environment: [String: String]? = nil, standardInput: Int32? = nil,
        inheriting: [(Int32, Int32)] = []
    ) throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        outputPath = directory.file("stdout")
        errorPath = directory.file("stderr")

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let standardInput {
            posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errorPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        for (here, there) in inheriting { posix_spawn_file_actions_adddup2(&actions, here, there) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Test runners may block or ignore signals; programs under test start with the defaults.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGTERM, SIGINT, SIGQUIT, SIGPIPE, SIGHUP, SIGUSR1, SIGUSR2] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let variables =
            environment
            ?? ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("HOOKLINE_") }
        let settled = ["HOOKLINE_SETTINGS_FILE": "none"].merging(variables) { $1 }
        var argumentPointers = arguments.map { strdup($0) } + [nil]
        var variablePointers = settled.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argumentPointers + variablePointers).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, &argumentPointers, &variablePointers)
        guard code == 0 else {
            throw TestSupportError("cannot start \(arguments[0]): \(String(cString: strerror(code)))")
        }
        self.pid = pid
    }

    deinit {
        guard exit == nil else { return }
        // The program's own children, too: nginx' workers would outlive a master that is killed.
        let family = [pid] + descendants(of: pid)
        for member in family { kill(member, SIGKILL) }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    private func descendants(of pid: Int32) -> [Int32] {
        let list = (try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)) ?? ""
        let children = list.split(separator: " ").compactMap { Int32($0) }
        return children + children.flatMap(descendants)
    }

    package func send(signal: Int32) {
        lock.withLock { if exit == nil { _ = kill(pid, signal) } }
    }

    /// Whether the program is still there.
    package var isRunning: Bool { exitStatus == nil }

    /// How the program ended; nil while it runs.
    package var exitStatus: ExitStatus? {
        lock.withLock {
            if let exit { return exit }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            exit = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
            return exit
        }
    }

    /// Waits for the program's end.
    package func waitForExit(seconds: Double = 20) throws -> ExitStatus {
        try waitUntil("process \(pid) ends; its stderr: \(standardError.suffix(2000))", seconds: seconds) {
            exitStatus != nil
        }
        guard let status = exitStatus else { throw TestSupportError("no exit status") }
        return status
    }

    package var standardOutput: String { read(outputPath) }
    package var standardError: String { read(errorPath) }

    private func read(_ path: String) -> String {
        guard let data = FileManager.default.contents(atPath: path) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Runs a program to its end and returns what it wrote.
    package static func run(
        _ arguments: [String], environment: [String: String]? = nil, standardInput: String? = nil, seconds: Double = 60
    ) throws -> (status: ExitStatus, output: String, error: String) {
        let directory = try TemporaryDirectory()
        var descriptor: Int32?
        if let standardInput {
            descriptor = open(try directory.write(standardInput, to: "stdin"), O_RDONLY)
        }
        defer { if let descriptor { close(descriptor) } }
        let process = try ChildProcess(arguments, environment: environment, standardInput: descriptor)
        let status = try process.waitForExit(seconds: seconds)
        return (status, process.standardOutput, process.standardError)
    }
}

/// The paths of the programs that tests start.
package enum BuiltProducts {
    /// The path of a built program.
    ///
    /// The folder is `HOOKLINE_PRODUCTS` if that is set (release builds, other scratch paths), else the one that holds
    /// the running test program: SwiftPM puts both into the same folder.
    ///
    /// - Parameter name: the product's name, such as `hookline`.
    package static func path(_ name: String) throws -> String {
        try program(name, in: folder())
    }

    /// The path of a helper program of the tests themselves, which is built beside them and never shipped.
    package static func testProgram(_ name: String) throws -> String {
        try program(name, in: folderOfTestRunner())
    }

    private static func program(_ name: String, in folder: String) throws -> String {
        let path = folder + "/" + name
        guard access(path, X_OK) == 0 else {
            throw TestSupportError("there is no program \(path): build it, or set HOOKLINE_PRODUCTS to its folder")
        }
        return path
    }

    private static func folder() throws -> String {
        if let folder = ProcessInfo.processInfo.environment["HOOKLINE_PRODUCTS"], !folder.isEmpty { return folder }
        return try folderOfTestRunner()
    }

    private static func folderOfTestRunner() throws -> String {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return (program as NSString).deletingLastPathComponent
    }
}
