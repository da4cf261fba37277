import CSystem
import Glibc
import System

/// A program to start as a child process, which inherits the descriptors listed here and no other.
struct ProcessLaunch: Sendable {
    /// Higher than any descriptor of a child, so that none is overwritten before it is copied.
    private static let firstCopy: Int32 = 64

    var path: String
    /// The program's name first.
    var arguments: [String]
    var environment: [String: String]
    /// Become 3, 4, … in the child.
    var descriptors: [Int32] = []
    /// Becomes 2 in the child, with /dev/null as 1; nil = both are inherited from this process.
    var standardError: Int32?

    init(path: String, arguments: [String], environment: [String: String]) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
    }

    /// Starts it with /dev/null as its input, with no signal blocked or ignored. Returns its process id.
    func start() throws(SystemCallError) -> Int32 {
        let copies = try copies()
        defer { for copy in copies { close(copy) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        if standardError != nil, let last = copies.last {
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
            posix_spawn_file_actions_adddup2(&actions, last, STDERR_FILENO)
        }
        for (index, copy) in copies.prefix(descriptors.count).enumerated() {
            posix_spawn_file_actions_adddup2(&actions, copy, STDERR_FILENO + 1 + Int32(index))
        }
        // Other threads may have opened descriptors that are not marked close-on-exec yet.
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1 + Int32(descriptors.count))
        return try start(&actions)
    }

    private func start(_ actions: inout posix_spawn_file_actions_t) throws(SystemCallError) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, path, &actions, &attributes, &words, &variables)
        guard code == 0 else { throw SystemCallError(call: "starting \(path)", code: code) }
        return process
    }

    private func copies() throws(SystemCallError) -> [Int32] {
        var copies: [Int32] = []
        for descriptor in descriptors + (standardError.map { [$0] } ?? []) {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, Self.firstCopy)
            guard copy >= 0 else {
                let error = SystemCallError(call: "fcntl")
                for copy in copies { close(copy) }
                throw error
            }
            copies.append(copy)
        }
        return copies
    }
}
