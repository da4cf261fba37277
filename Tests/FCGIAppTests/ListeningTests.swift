import Foundation
import TestSupport
import Testing

/// Where requests come from.
@Suite
struct ListeningTests {
    private struct FileState {
        var mode: UInt32
        var group: UInt32
    }

    private func state(_ path: String) -> FileState? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return FileState(mode: status.st_mode & 0o7777, group: status.st_gid)
    }

    /// Runs the program to its end where it is expected to refuse.
    private func run(
        _ flags: [String], environment: [String: String] = [:]
    ) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        let directory = try TemporaryDirectory()
        return try ChildProcess.run(
            [BuiltProducts.path("hookline-fcgi"), "--directory", SampleDirectory.make(in: directory)] + flags,
            environment: TestResponder.environment(environment))
    }

    // MARK: A unix socket of its own

    @Test func aLockedFolderIsReportedInsteadOfWaitedForForever() throws {
        let directory = try TemporaryDirectory()
        let lock = open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(lock) }
        #expect(flock(lock, LOCK_EX) == 0)

        let responder = try run(["--listen", "unix:\(directory.file("s"))"])

        #expect(responder.status == .exited(78))
        #expect(responder.error.contains("another process holds a lock on \(directory.path)"))
    }

    @Test func aUnixSocketHasMode0660AndIsRemovedAtTheEnd() throws {
        let responder = try TestResponder()

        #expect(state(responder.socketPath)?.mode == 0o660)
        #expect(try responder.stop() == .exited(0))
        #expect(state(responder.socketPath) == nil)
    }

    @Test func aUnixSocketHasTheModeAndTheGroupThatAreAskedForWhateverTheUmask() throws {
        let previous = umask(0o077)
        defer { umask(previous) }
        let group = try #require(getgrnam("nogroup"), "this system has no group nogroup")

        let responder = try TestResponder(["--socket-mode", "0606", "--socket-group", "nogroup"])

        #expect(state(responder.socketPath)?.mode == 0o606)
        #expect(state(responder.socketPath)?.group == group.pointee.gr_gid)
    }

    @Test func aGroupThatDoesNotExistIsAnErrorInWordsAndLeavesNoSocket() throws {
        let directory = try TemporaryDirectory()

        let result = try run(["--listen", "unix:\(directory.file("s"))", "--socket-group", "no-such-group"])

        #expect(result.status == .exited(78))
        #expect(result.error == "hookline-fcgi: there is no group no-such-group for --socket-group\n")
        #expect(state(directory.file("s")) == nil)
    }

    @Test func aSocketFileWithoutAListenerIsReplaced() throws {
        let responder = try TestResponder()
        responder.process.send(signal: SIGKILL)
        _ = try responder.process.waitForExit()
        #expect(state(responder.socketPath) != nil)

        let successor = try ChildProcess(
            [
                BuiltProducts.path("hookline-fcgi"), "--listen", "unix:\(responder.socketPath)", "--directory",
                "sqlite:\(responder.directory.file("directory.sqlite"))",
            ], environment: TestResponder.environment([:]))

        try waitUntil("the successor responds") {
            guard successor.isRunning else { throw TestSupportError(successor.standardError) }
            return (try? responder.get("/-/ping"))?.status == 200
        }
    }

    @Test func aSocketFileWithAListenerStaysAndTheSecondProgramFails() throws {
        let responder = try TestResponder()

        let second = try run(["--listen", "unix:\(responder.socketPath)"])

        #expect(second.status == .exited(78))
        #expect(second.error.contains("another process is listening on \(responder.socketPath)"))
        #expect(try responder.get("/-/ping").status == 200)
    }

    @Test func aFileThatIsNoSocketStays() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("precious", to: "s")

        let result = try run(["--listen", "unix:\(path)"])

        #expect(result.status == .exited(78))
        #expect(result.error.contains("\(path) exists and is not a socket"))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    @Test func aSocketInAFolderThatDoesNotExistIsAnErrorInWords() throws {
        let result = try run(["--listen", "unix:/nonexistent/s"])

        #expect(result.status == .exited(78))
        #expect(
            result.error
                == "hookline-fcgi: cannot listen on /nonexistent/s: bind failed: No such file or directory\n")
    }

    @Test func atTheEndAnotherProcessSocketAtTheSamePathStays() throws {
        let responder = try TestResponder()
        let other = try TestResponder()
        #expect(rename(other.socketPath, responder.socketPath) == 0)

        #expect(try responder.stop() == .exited(0))

        #expect(try responder.get("/-/ping").status == 200)
    }

    // MARK: TCP

    @Test(arguments: ["127.0.0.1", "[::1]"])
    func aPortOfAnAddress(host: String) throws {
        let port = try freePort()
        let directory = try TemporaryDirectory()
        let process = try ChildProcess(
            [
                BuiltProducts.path("hookline-fcgi"), "--listen", "\(host):\(port)", "--directory",
                SampleDirectory.make(in: directory),
            ], environment: TestResponder.environment([:]))
        let nginx = try Nginx(
            server: """
                location / {
                    include /etc/nginx/fastcgi_params;
                    fastcgi_pass \(host):\(port);
                }
                """)

        let client = try HTTPClient(base: "http://127.0.0.1:\(nginx.port)")
        try waitUntil("the responder responds", seconds: 20) {
            guard process.isRunning else { throw TestSupportError(process.standardError) }
            return try client.send("GET", "/-/ping").status == 200
        }
    }

    @Test func aPortThatIsTakenIsAnErrorInWords() throws {
        let port = try freePort()
        let redis = try RedisServer(port: port)

        let result = try run(["--listen", "127.0.0.1:\(port)"])

        #expect(result.status == .exited(78))
        #expect(result.error.contains("cannot listen on 127.0.0.1:\(port): bind failed: Address already in use"))
        #expect(redis.process.isRunning)
    }

    // MARK: Inherited

    @Test func spawnFcgiHandsOverTheSocketOnDescriptor0AndItStaysOpenForOthersAtTheEnd() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("s")
        let process = try ChildProcess(
            [
                "spawn-fcgi", "-n", "-s", path, "-M", "0600", "--", BuiltProducts.path("hookline-fcgi"), "--directory",
                SampleDirectory.make(in: directory),
            ], environment: TestResponder.environment([:]))

        try waitUntil("the responder responds", seconds: 20) {
            guard process.isRunning else { throw TestSupportError(process.standardError) }
            guard let client = try? FastCGIClient(socketPath: path) else { return false }
            try client.sendRequest(FastCGIClient.parameters("GET", "/-/ping"))
            return try client.readResponse().status == 200
        }
        process.send(signal: SIGTERM)

        #expect(try process.waitForExit() == .exited(0))
        #expect(state(path) != nil)
    }

    @Test(.enabled(if: geteuid() == 0, "spawn-fcgi changes the user"))
    func theScriptForSpawnFcgiNamesTheSettingsFileAndRunsNothingOfIt() throws {
        let directory = try TemporaryDirectory()
        let marker = directory.file("marker")
        let settings = try directory.write(
            """
            HOOKLINE_DIRECTORY=\(SampleDirectory.make(in: directory))
            HOOKLINE_THREADS=3
            HOOKLINE_MAIL_FROM=Hookline <hookline@platform.test>
            HOOKLINE_PLATFORM_URL=https://$(touch \(marker))
            HOOKLINE_PROXY=`touch \(marker)`; touch \(marker)

            """, to: "hookline.env")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../conf/spawn-fcgi.sh").standardizedFileURL.path
        let environment = TestResponder.environment([
            "HOOKLINE_PROGRAM": try BuiltProducts.path("hookline-fcgi"), "HOOKLINE_RUN": directory.path,
            "HOOKLINE_SETTINGS": settings, "HOOKLINE_USER": "www-data", "HOOKLINE_WEB_GROUP": "www-data",
        ])

        chmod(directory.path, 0o777)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            chmod(directory.file(name), 0o666)
        }

        let started = try ChildProcess.run([script, "start"], environment: environment)
        defer { _ = try? ChildProcess.run([script, "stop"], environment: environment) }
        #expect(started.status == .exited(0), "\(started.error)")

        for number in 1...2 {
            try waitUntil("responder \(number) answers with three threads", seconds: 20) {
                guard let client = try? FastCGIClient(socketPath: directory.file("hookline-\(number).sock")) else {
                    return false
                }
                try client.sendRequest(FastCGIClient.parameters("GET", "/-/status"))
                return try client.readResponse().text.contains(#/idle processes: +2\n/#)
            }
        }
        #expect(access(marker, F_OK) != 0)
    }

    @Test func systemdsSocketActivationHandsOverTheSocketOnDescriptor3() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("s")
        let process = try ChildProcess(
            [
                "systemd-socket-activate", "-l", path, BuiltProducts.path("hookline-fcgi"), "--directory",
                SampleDirectory.make(in: directory),
            ], environment: TestResponder.environment([:]))

        // The file is there a moment before the program listens.
        var connected: FastCGIClient?
        try waitUntil("the program listens on the socket") {
            connected = try? FastCGIClient(socketPath: path)
            return connected != nil
        }
        let client = try #require(connected)
        try client.sendRequest(FastCGIClient.parameters("GET", "/-/ping"))

        #expect(try client.readResponse().status == 200, "\(process.standardError)")
        process.send(signal: SIGTERM)
        #expect(try process.waitForExit() == .exited(0))
    }

    @Test func severalSocketsOfSystemdsAreRefusedByTheirNumber() throws {
        let directory = try TemporaryDirectory()
        let process = try ChildProcess(
            [
                "systemd-socket-activate", "-l", directory.file("a"), "-l", directory.file("b"),
                BuiltProducts.path("hookline-fcgi"), "--directory", SampleDirectory.make(in: directory),
            ], environment: TestResponder.environment([:]))

        // The file is there a moment before the program listens.
        var connected: FastCGIClient?
        try waitUntil("the program listens on the socket") {
            connected = try? FastCGIClient(socketPath: directory.file("a"))
            return connected != nil
        }
        let client = try #require(connected)
        try client.sendRequest(FastCGIClient.parameters("GET", "/-/ping"))

        #expect(try process.waitForExit() == .exited(78))
        #expect(process.standardError.contains("systemd passed 2 sockets (LISTEN_FDS), one is needed"))
    }

    @Test func withoutAnyOfThemTheProgramSaysWhatItNeeds() throws {
        let result = try run([])

        #expect(result.status == .exited(64))
        #expect(result.error.contains("nothing to serve: give --listen unix:PATH or --listen HOST:PORT"))
    }
}
