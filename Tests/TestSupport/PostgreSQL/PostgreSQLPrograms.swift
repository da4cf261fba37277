import Foundation

/// The programs of Debian's packages `postgresql` and `pgbouncer`. They refuse to run as root: then they are run as the
/// user `postgres`, to whom their files are given.
enum PostgreSQLPrograms {
    static let user = "postgres"

    /// The command that runs a program, with the same process id.
    static func command(_ arguments: [String]) throws -> [String] {
        let command = try [path(arguments[0])] + arguments.dropFirst()
        guard getuid() == 0 else { return command }
        return ["setpriv", "--reuid", user, "--regid", user, "--init-groups", "--"] + command
    }

    static func run(_ arguments: [String]) throws {
        let (status, _, error) = try ChildProcess.run(command(arguments))
        guard status == .exited(0) else { throw TestSupportError("\(arguments[0]): \(error)") }
    }

    /// Lets the server's user write in a folder.
    static func giveToServer(_ path: String) throws {
        guard getuid() == 0 else { return }
        guard let entry = getpwnam(user) else { throw TestSupportError("there is no user \(user)") }
        guard chown(path, entry.pointee.pw_uid, entry.pointee.pw_gid) == 0 else {
            throw TestSupportError("cannot give \(path) to \(user): errno \(errno)")
        }
    }

    /// Writes a file that only the server's user can read.
    static func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        guard chmod(path, 0o600) == 0 else { throw TestSupportError("cannot change the mode of \(path)") }
        try giveToServer(path)
    }

    /// Debian keeps the programs of each release apart, outside `PATH`; the newest counts.
    private static func path(_ name: String) throws -> String {
        let root = "/usr/lib/postgresql"
        let releases = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let folders = releases.compactMap { Int($0) }.sorted(by: >).map { "\(root)/\($0)/bin" }
        for folder in folders + ["/usr/sbin", "/usr/local/bin", "/usr/bin"] {
            let path = folder + "/" + name
            if access(path, X_OK) == 0 { return path }
        }
        throw TestSupportError("there is no program \(name): scripts/dependencies.sh test installs it")
    }
}
