import Foundation
import Handlers
import Model
import ProgramSupport
import System
import TestSupport
import Testing

@testable import FCGIApp

/// What a thread answers with.
@Suite
struct WiringTests {
    private let directory: TemporaryDirectory
    private let server: RedisServer
    private let responder: Responder
    private let waits = Lock(0)

    init() throws {
        directory = try TemporaryDirectory()
        server = try RedisServer()
        let flags: [Setting: String] = [
            .redis: server.url, .directory: try SampleDirectory.make(in: directory), .directoryCacheSeconds: "60",
        ]
        var reader = ConfigurationReader(
            SettingValues(program: .responder, flags: flags, environment: [:]), environment: [:])
        let read = reader.read()
        let configuration = try #require(read, "\(reader.errors)")
        let answers = try #require(SharedResponseCache(configuration, log: LogWriter(descriptor: STDERR_FILENO)))
        let waits = waits
        responder = Composition(configuration, answers: answers).makeResponder(
            board: StatusBoard(threadCount: 1, socket: nil),
            beforeLongWait: { waits.withLock { $0 += 1 } })
    }

    @Test func saysBeforeItAsksRedisOrTheDirectoryThatItMayTakeLongAndNotForAnAnswerFromMemory() throws {
        #expect(try waits(for: "/-/ping") == 0)
        #expect(try waits(for: SampleDirectory.log) > 0)
        // On a busy machine Redis may take long for once.
        try waitUntil("an answer from memory comes without a wait") { try waits(for: SampleDirectory.log) == 0 }
        try server.command("LPUSH", "sentry-app-webhook-request:{1}:issue.created", "{}")
        #expect(try waits(for: SampleDirectory.log) > 0)
    }

    @Test func saysSoForWhatOnlyTheDirectoryKnowsToo() throws {
        #expect(try waits(for: "/api/0/sentry-apps/sample-app/") > 0)
        #expect(try waits(for: "/api/0/sentry-apps/sample-app/") == 0)
    }

    private func waits(for path: String) throws -> Int {
        waits.withLock { $0 = 0 }
        let response = responder.respond(
            Request(method: "GET", path: .encoded(path), remoteUser: SampleDirectory.user))
        #expect(response.status == 200, "\(response.failure ?? "")")
        return waits.withLock { $0 }
    }
}
