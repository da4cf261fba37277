import Directory
import Foundation
import Handlers
import Model
import ProgramSupport
import Redis
import System
import TestSupport
import Testing

@testable import ResponderSupport

/// The responder of one thread, with a response cache.
@Suite
struct CompositionTests {
    private let directory: TemporaryDirectory
    private let server: RedisServer
    private let cache: SharedResponseCache
    private let responder: Responder

    init() throws {
        directory = try TemporaryDirectory()
        server = try RedisServer()
        let flags: [Setting: String] = [
            .redis: server.url, .directory: try SampleDirectory.make(in: directory), .directoryCacheSeconds: "60",
        ]
        var reader = ConfigurationReader(
            SettingValues(program: .responder, flags: flags, environment: [:]), environment: [:],
            opener: EmbeddedDirectoryOpener())
        let read = reader.read()
        let configuration = try #require(read, "\(reader.errors)")
        cache = try #require(
            SharedResponseCache(
                configuration, redisState: RedisServerState(), log: LogWriter(descriptor: STDERR_FILENO)))
        responder = try Composition(configuration, responseCache: cache).makeResponder(
            board: StatusBoard(threadCount: 1, socket: nil))
    }

    @Test func aResponseFromTheCacheShowsEveryChangeBeforeTheRequest() throws {
        try waitUntil("a response comes from the cache") {
            _ = try body()
            return cache.counts().hits > 0
        }
        #expect(try body() == "[]")

        try server.command(
            "LPUSH", "sentry-app-webhook-request:{1}:issue.created",
            #"{"date":"2026-01-02 03:04:05+00:00","response_code":200,"webhook_url":"https://w.test"}"#)

        #expect(try body().contains("https://w.test"))
    }

    @Test(arguments: [(1, 1), (2, 1), (3, 2), (4, 3), (5, 4), (6, 4), (64, 4)])
    func aDirectoryThatDoesNotRespondLeavesAThread(_ threadCount: Int, _ connectionCount: Int) {
        #expect(Composition.directoryConnections(threadCount: threadCount) == connectionCount)
    }

    private func body() throws -> String {
        let response = responder.respond(
            Request(method: "GET", path: .encoded(SampleDirectory.log), remoteUser: SampleDirectory.user), .now())
        #expect(response.status == 200, "\(response.failure ?? "")")
        return String(decoding: response.body, as: UTF8.self)
    }
}
