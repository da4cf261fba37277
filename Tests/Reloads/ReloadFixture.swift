import Directory
import Foundation
import Model
import TestSupport

/// Redis, a directory, nginx, and the responder in the process that serves at the moment.
final class ReloadFixture {
    private static let user = "owner@acme.test"

    let nginx: Nginx
    private let folder: TemporaryDirectory
    private let redis: RedisServer
    private let socketPath: String
    private let pidPath: String
    /// The first process; the others are not children of this program.
    private let process: ChildProcess

    /// - Parameter keepsConnections: whether nginx keeps its connections to the responder open between requests. It must
    ///   be allowed to repeat a request then: it may send one on a connection that the responder is closing.
    init(keepsConnections: Bool) throws {
        let folder = try TemporaryDirectory()
        self.folder = folder
        redis = try RedisServer()
        socketPath = folder.file("s.sock")
        pidPath = folder.file("pid")
        try Self.makeDirectory(folder.file("directory.sqlite"))
        process = try ChildProcess(
            [BuiltProducts.path("hookline-fcgi"), "--listen", "unix:\(socketPath)"],
            environment: [
                "HOOKLINE_REDIS": redis.url, "HOOKLINE_DIRECTORY": "sqlite:" + folder.file("directory.sqlite"),
                "HOOKLINE_PID_FILE": pidPath, "HOOKLINE_ACCESS_LOG": "off",
            ])
        nginx = try Nginx(
            http: "upstream responder { server unix:\(socketPath); \(keepsConnections ? "keepalive 8;" : "") }",
            server: """
                location / {
                    fastcgi_param REQUEST_METHOD $request_method;
                    fastcgi_param REQUEST_URI $request_uri;
                    fastcgi_param QUERY_STRING $query_string;
                    fastcgi_param SERVER_PROTOCOL $server_protocol;
                    fastcgi_param REMOTE_ADDR $remote_addr;
                    fastcgi_param AUTH_TYPE Basic;
                    fastcgi_param REMOTE_USER \(Self.user);
                    \(keepsConnections ? "fastcgi_keep_conn on;" : "fastcgi_next_upstream off;")
                    fastcgi_pass responder;
                }
                """)
        let pidPath = pidPath
        try waitUntil("the responder serves; it says: \(process.standardError)", seconds: 30) {
            access(pidPath, F_OK) == 0
        }
    }

    deinit {
        for process in processes { kill(process, SIGKILL) }
    }

    private static func makeDirectory(_ path: String) throws {
        var document = DirectoryDocument()
        document.organizations = [Organization(id: 1, slug: "acme", name: "Acme")]
        document.users = [User(id: 1, username: user, email: user, name: "Owner")]
        document.memberships = [Membership(userID: 1, organizationID: 1, role: .owner)]
        let app = SentryApp(
            id: 1, slug: "sample-app", name: "Sample", ownerID: 1, status: .published,
            uuid: "a8e5d37a-696c-4c54-adb5-b3f28d64c7de", dateAdded: Timestamp(seconds: 0))
        document.apps = [DirectoryDocument.AppEntry(app: app, dateAdded: nil, components: [])]
        try SQLiteDirectoryWriter(path: path).importDocument(document, isReplacing: false, at: Timestamp(seconds: 0))
    }

    /// The process that serves, by the PID file.
    func current() throws -> Int32 {
        let text = try String(contentsOfFile: pidPath, encoding: .utf8)
        guard let process = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw TestSupportError("the PID file says \(text)")
        }
        return process
    }

    /// Reloads once; returns the new process when the old one is gone.
    func reload() throws -> Int32 {
        let old = try current()
        kill(old, SIGUSR2)
        do {
            try waitUntil("process \(old) hands over", seconds: 60) { try current() != old && !isRunning(old) }
        } catch {
            throw TestSupportError("\(error); the log ends: \(process.standardError.suffix(2000))")
        }
        return try current()
    }

    /// Stops the responder.
    func stop() throws {
        let last = try current()
        kill(last, SIGTERM)
        try waitUntil("process \(last) ends", seconds: 60) { !isRunning(last) }
    }

    var hasSocket: Bool { access(socketPath, F_OK) == 0 }

    func descriptorCount(_ process: Int32) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
    }

    /// Every process of the responder: only these have its socket among their arguments.
    var processes: [Int32] {
        let ids = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        return ids.filter { id in
            let command = (try? String(contentsOfFile: "/proc/\(id)/cmdline", encoding: .utf8)) ?? ""
            return command.contains("hookline-fcgi") && command.contains(socketPath) && isRunning(id)
        }
    }

    /// A zombie counts as ended.
    private func isRunning(_ id: Int32) -> Bool {
        if id == process.pid { return process.isRunning }
        guard let status = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
            let state = status.split(separator: ")").last?.split(separator: " ").first
        else { return false }
        return state != "Z" && state != "X"
    }
}
