import Foundation
import TestSupport
import Testing

@testable import FCGIApp
@testable import ResponderSupport

/// The socket in a reload.
@Suite
struct ReloadSocketTests {
    @Test func anotherPathInTheSettingsTheNewProcessListensThereTheOldPathIsGoneOnceTheOldProcessIs() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url)
        #expect(try responder.current() > 0)
        let path = responder.directory.file("other.sock")
        // The last line of a name counts.
        try responder.changeSettings(["HOOKLINE_LISTEN=unix:\(path)"])

        try responder.reload()

        #expect(access(responder.socketPath, F_OK) != 0)
        let client = try FastCGIClient(socketPath: path)
        try client.sendRequest(FastCGIClient.parameters("GET", "/-/ping"))
        #expect(try client.readResponse().status == 200)
    }

    @Test func aRemovedSocketFileIsCreatedAgainByAReload() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url)
        #expect(try responder.current() > 0)
        unlink(responder.socketPath)

        try responder.reload()

        #expect(try responder.get("/-/ping").status == 200)
        try responder.stop()
        #expect(access(responder.socketPath, F_OK) != 0)
    }

    @Test func aChangedModeHoldsForTheSocketThatIsHandedOver() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url)
        #expect(try responder.current() > 0)
        try responder.changeSettings(["HOOKLINE_SOCKET_MODE=0606"])
        var before = stat()
        #expect(stat(responder.socketPath, &before) == 0)

        try responder.reload()

        var after = stat()
        #expect(stat(responder.socketPath, &after) == 0)
        #expect(after.st_mode & 0o777 == 0o606)
        #expect(after.st_ino == before.st_ino)
    }

    @Test func aPortIsHandedOverAgainAndAgain() throws {
        let redis = try RedisServer()
        let port = try freePort()
        let responder = try ReloadingResponder(redis: redis.url, listen: "127.0.0.1:\(port)")
        #expect(try responder.current() > 0)

        for _ in 0..<2 { try responder.reload() }

        let client = try FastCGIClient(port: port)
        try client.sendRequest(FastCGIClient.parameters("GET", "/-/ping"))
        #expect(try client.readResponse().status == 200)
    }

    @Test func spawnFcgisSocketOnDescriptor0IsHandedOverAgainAndAgain() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url, listen: "inherited") {
            ["spawn-fcgi", "-n", "-s", $0, "-M", "0600", "--"]
        }
        #expect(try responder.current() > 0)

        for _ in 0..<2 { try responder.reload() }

        #expect(try responder.get("/-/ping").status == 200)
        try responder.stop()
        #expect(access(responder.socketPath, F_OK) == 0, "it is not this program's")
    }

    @Test func systemdsSocketOnDescriptor3IsHandedOverAgainAndAgain() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url, listen: "inherited") {
            ["systemd-socket-activate", "-l", $0, "-E", "HOOKLINE_SETTINGS_FILE"]
        }
        // The first connection starts the program.
        var first: FastCGIClient?
        try waitUntil("the program listens") {
            first = try? responder.client()
            return first != nil
        }
        let client = try #require(first)
        try client.sendRequest(FastCGIClient.parameters("GET", "/-/ping"))
        #expect(try client.readResponse().status == 200, "\(responder.log)")

        for _ in 0..<2 { try responder.reload() }

        #expect(try responder.get("/-/ping").status == 200)
        try responder.stop()
        #expect(access(responder.socketPath, F_OK) == 0, "it is not this program's")
    }

    @Test func aHandOverThatOnlyLingersInTheEnvironmentIsNotBelieved() throws {
        let redis = try RedisServer()

        let responder = try ReloadingResponder(redis: redis.url, environment: ["HOOKLINE_HANDOVER": "1 unix 0 0 /x"])

        #expect(try responder.current() > 0)
        #expect(try responder.get("/-/ping").status == 200)
        try responder.reload()
    }
}

/// The description of an inherited socket.
@Suite
struct InheritedSocketTests {
    @Test func areReadAsTheyWereWritten() {
        let file = UnixSocketFile(path: "/run/a b/s.sock", device: 7, inode: 11)
        let sockets: [(ListeningSocket, ListenAddress)] = [
            (ListeningSocket(descriptor: 0, ownership: .inherited), .inherited),
            (ListeningSocket(descriptor: 0, ownership: .own(file: file)), .unix(path: "/run/a b/s.sock")),
            (ListeningSocket(descriptor: 0, ownership: .own(file: nil)), .network(host: "::1", port: 9000)),
        ]
        for (socket, address) in sockets {
            let handed = InheritedSocket(socket, address: address)

            #expect(InheritedSocket(handed.description) == handed)
            #expect(handed.address == address)
        }
    }

    @Test(arguments: [
        "", "inherited too", "network ::1", "network ::1 port", "unix 1 /path", "unix a b /path", "pipe 1",
    ])
    func meanNothingWhenTheyAreOthers(text: String) {
        #expect(InheritedSocket(text) == nil)
    }

    @Test func nameAFileThatMustStillBeTheSameOne() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("", to: "s.sock")
        let file = try #require(UnixSocketFile(at: path))

        #expect(file.isInPlace)
        #expect(!UnixSocketFile(path: path, device: file.device, inode: file.inode + 1).isInPlace)
        #expect(!UnixSocketFile(path: path + ".gone", device: file.device, inode: file.inode).isInPlace)
    }
}
