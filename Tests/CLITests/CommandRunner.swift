import Directory
import Foundation
import Model
import PostgreSQLDirectory
import System
import TestSupport
import Testing

/// The stores of a directory of Hookline's own, in which commands do the same.
enum CommandStore: CaseIterable, Sendable {
    case sqlite, postgreSQL

    /// That of the runners that a test makes.
    @TaskLocal static var current = CommandStore.sqlite
}

/// Runs a test, or each test of a suite, once for each store.
struct EachStore: TestTrait, SuiteTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        for store in CommandStore.allCases {
            try await CommandStore.$current.withValue(store) { try await function() }
        }
    }
}

extension Trait where Self == EachStore {
    static var eachStore: Self { EachStore() }
}

/// A stand-alone directory without rows that one runner uses after the other: to empty a database takes a fraction of
/// the time that it takes to make and drop one.
private final class ReusableDatabase: Sendable {
    private static let idle = Lock<[PostgreSQLDatabase]>([])

    let database: PostgreSQLDatabase

    init() throws {
        database = try Self.idle.withLock { $0.popLast() } ?? .standalone()
    }

    deinit {
        // One that cannot be emptied is dropped.
        guard (try? database.execute(Self.emptying)) != nil else { return }
        let database = database
        Self.idle.withLock { $0.append(database) }
    }

    private static let emptying = """
        DO $$
        DECLARE
            entry record;
        BEGIN
            FOR entry IN
                SELECT c.oid::regclass AS name, c.relkind FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('public', 'hookline')
                WHERE c.relkind IN ('r', 'S') AND c.oid <> 'hookline.directory'::regclass
            LOOP
                EXECUTE format(
                    CASE entry.relkind WHEN 'r' THEN 'DELETE FROM %s' ELSE 'ALTER SEQUENCE %s RESTART' END, entry.name);
            END LOOP;
        END
        $$
        """
}

/// Runs `hookline` as a process with a folder, a directory and, if given, a Redis server of its own.
struct CommandRunner {
    struct Outcome {
        let status: Int32
        let output: String
        let error: String
    }

    let folder: TemporaryDirectory
    /// The file of an embedded directory.
    let path: String
    /// `HOOKLINE_DIRECTORY`.
    let setting: String
    let redis: RedisServer?
    private let opener = PostgreSQLDirectoryOpener()
    /// Keeps the database of a directory in PostgreSQL as long as the runner.
    private let database: (any AnyObject & Sendable)?
    /// The directory in PostgreSQL, whose tables need not be inspected at each access.
    private let shared: (any DirectoryDatabase)?

    /// A runner with a directory of its own: a file that does not exist yet, or a database without rows.
    init(redis: RedisServer? = nil, store: CommandStore = .current) throws {
        folder = try TemporaryDirectory()
        path = folder.file("directory.sqlite")
        self.redis = redis
        switch store {
        case .sqlite:
            (database, shared) = (nil, nil)
            setting = "sqlite:\(path)"
        case .postgreSQL:
            let reusable = try ReusableDatabase()
            database = reusable
            setting = reusable.database.url
            shared = try Self.open(setting)
        }
    }

    /// - Parameter setting: the location in `database`; nil = with the rights of the one that owns its tables.
    init(redis: RedisServer? = nil, database: PostgreSQLDatabase, setting: String? = nil) throws {
        folder = try TemporaryDirectory()
        path = folder.file("directory.sqlite")
        self.redis = redis
        self.database = database
        self.setting = setting ?? database.url
        shared = try Self.open(self.setting)
    }

    private static func open(_ setting: String) throws -> any DirectoryDatabase {
        try PostgreSQLDirectoryOpener().open(
            try DirectoryLocation(parsing: setting), limits: DirectoryLimits(connectionCount: 2))
    }

    /// The database of a directory in PostgreSQL; nil for an embedded one.
    var postgreSQL: PostgreSQLDatabase? { (database as? ReusableDatabase)?.database }

    /// The directory's name in messages.
    var name: String { get throws { try directory.name } }

    /// The directory as programs see it.
    var directory: any DirectoryDatabase {
        get throws { try shared ?? opener.open(try DirectoryLocation(parsing: setting), limits: DirectoryLimits()) }
    }

    /// Stores a document as an earlier version or another program could have, without the checks of a command.
    func store(_ document: DirectoryDocument) throws {
        try opener.openForWriting(try DirectoryLocation(parsing: setting), secretKeys: .none)
            .importDocument(document, isReplacing: false, at: .now())
    }

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
        var environment = ["HOOKLINE_DIRECTORY": setting, "PATH": "/usr/bin:/bin"]
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

extension DirectoryDatabase {
    /// The token with this digest.
    func token(digest: TokenDigest) throws -> APIToken? {
        try tokens().map(\.token).first { $0.digest == digest }
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
