import Foundation

/// A real nginx for one test: in the foreground, with all its files in a temporary folder.
package final class Nginx: Sendable {
    package let directory: TemporaryDirectory
    package let process: ChildProcess
    /// Where the server of `init` listens on 127.0.0.1.
    package let port: UInt16

    /// Starts nginx and waits until its port is open.
    ///
    /// - Parameters:
    ///   - http: what stands in the `http` block outside the server: upstreams, say.
    ///   - server: what stands in the one `server` block, beside `listen`.
    package init(http: String = "", server: String) throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        let port = try freePort()
        self.port = port
        let path = try directory.write(
            Nginx.configuration(directory: directory, port: port, http: http, server: server), to: "nginx.conf")
        let process = try ChildProcess(
            ["nginx", "-p", directory.path, "-e", directory.file("error.log"), "-c", path])
        self.process = process
        try waitUntil("nginx listens on port \(port)", seconds: 20) {
            guard process.isRunning else {
                throw TestSupportError("nginx ended: \(process.standardError)")
            }
            guard let descriptor = try? connectLoopback(port: port) else { return false }
            close(descriptor)
            return true
        }
    }

    deinit {
        // Workers outlive a master that is killed; QUIT or TERM takes them along.
        process.send(signal: SIGTERM)
        _ = try? process.waitForExit()
    }

    package var errorLog: String {
        (try? String(contentsOfFile: directory.file("error.log"), encoding: .utf8)) ?? ""
    }

    /// Root, so that the workers reach sockets of mode 0660 and folders of mode 0700.
    private static func configuration(
        directory: TemporaryDirectory, port: UInt16, http: String, server: String
    ) -> String {
        let userLine = getuid() == 0 ? "user root;" : ""
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(directory.file($0));" }.joined(separator: "\n    ")
        return """
            daemon off;
            \(userLine)
            worker_processes 1;
            pid \(directory.file("nginx.pid"));
            error_log \(directory.file("error.log")) info;
            events { worker_connections 512; }
            http {
                access_log off;
                \(temporary)
                \(http)
                server {
                    listen 127.0.0.1:\(port);
                    \(server)
                }
            }

            """
    }
}
