import Directory
import Foundation
import Model
import TestSupport

/// Runs `hookline` as a process with a folder, a directory and, if given, a Redis server of its own.
struct CommandRunner {
    struct Outcome {
        let status: Int32
        let output: String
        let error: String
    }

    let folder: TemporaryDirectory
    let path: String
    let redis: RedisServer?

    init(redis: RedisServer? = nil) throws {
        folder = try TemporaryDirectory()
        path = folder.file("directory.sqlite")
        self.redis = redis
    }

    /// The directory as programs see it.
    var directory: SQLiteDirectory { SQLiteDirectory(path: path) }

    /// Runs `hookline` to its end.
    @discardableResult
    func hookline(
        _ arguments: String..., input: String? = nil, environment extra: [String: String] = [:]
    ) throws -> Outcome {
        try hookline(arguments, input: input, environment: extra)
    }

    /// Runs `hookline` to its end.
    @discardableResult
    func hookline(
        _ arguments: [String], input: String? = nil, environment extra: [String: String] = [:]
    ) throws -> Outcome {
        var environment = ["HOOKLINE_DIRECTORY": "sqlite:\(path)", "PATH": "/usr/bin:/bin"]
        environment["HOOKLINE_REDIS"] = redis?.url ?? "unix:\(folder.file("no-redis.sock"))"
        environment.merge(extra) { $1 }
        let (status, output, error) = try ChildProcess.run(
            [try BuiltProducts.path("hookline")] + arguments, environment: environment, standardInput: input)
        guard case .exited(let code) = status else { throw TestSupportError("hookline ended by \(status): \(error)") }
        return Outcome(status: code, output: output, error: error)
    }

    /// Imports a document given as JSON text.
    @discardableResult
    func importDocument(_ json: String, replacing: Bool = false) throws -> Outcome {
        replacing
            ? try hookline("directory", "import", "--replace", "--yes", "-", input: json)
            : try hookline("directory", "import", "-", input: json)
    }

    /// The directory as a document, without the time of the export.
    func export() throws -> String {
        let lines = try hookline("directory", "export").output.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.filter { !$0.contains(#""exported_at":"#) }.joined(separator: "\n")
    }
}

/// A document with the rows that most commands need.
let smallDocument = """
    {"organizations": [{"id": 1, "slug": "acme"}],
     "users": [{"id": 1, "username": "alice", "email": "alice@acme.example"}, {"id": 2, "username": "bob"}],
     "memberships": [{"user_id": 1, "organization_id": 1, "role": "owner"}],
     "apps": [
       {"id": 1, "slug": "radar", "owner_id": 1, "status": "published", "webhook_url": "https://example.com/hook",
        "components": ["issue-link", {"type": "stacktrace-link", "schema": {"type": "stacktrace-link", "uri": "/x"}}]},
       {"id": 2, "slug": "inside", "owner_id": 1, "status": "internal"}],
     "tokens": [{"token": "a-token-in-clear", "user_id": 1, "scopes": ["org:read"]}]}
    """
