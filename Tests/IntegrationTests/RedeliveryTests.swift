import Buffer
import Foundation
import Queue
import TestSupport
import Testing

/// Sending a request again through the shipped nginx, as a signed-in user and with a token.
@Suite(.serialized)
struct RedeliveryTests {
    private let target = "/api/0/sentry-apps/sample-app/requests/\(ServerFixture.kept)/redeliver/"

    @Test func aUserOfThePageItselfSendsARequestAgain() throws {
        let server = try ServerFixture()
        try server.keepPayload()

        let response = try server.client().send(
            "POST", target, basic: "\(ServerFixture.owner):\(ServerFixture.password)",
            headers: [("Origin", "https://127.0.0.1:\(server.port)")])

        #expect(response.status == 202, "\(response.text)")
        #expect(response.json?["originalId"].string == ServerFixture.kept)
        let entry = try #require(try server.queue().receive(consumer: "test", count: 1).first?.entry)
        #expect(entry.id == response.json?["id"].string && entry.id != ServerFixture.kept)
        #expect(entry.originalID == ServerFixture.kept)
        #expect(QueuedEvent(bytes: entry.payload)?.originalID == ServerFixture.kept)
    }

    @Test func aTokenSendsARequestAgainAndAForeignPageOrAStrangerDoesNot() throws {
        let server = try ServerFixture()
        try server.keepPayload()
        let send = { (login: String?, headers: [(name: String, value: String)]) in
            try server.client().send(
                "POST", target, basic: login.map { "\($0):\(ServerFixture.password)" }, headers: headers
            ).status
        }

        #expect(try send(nil, [("Authorization", "Bearer \(ServerFixture.writerToken)")]) == 202)
        #expect(try send(nil, [("Authorization", "Bearer \(ServerFixture.token)")]) == 403)
        #expect(try send(nil, []) == 401)
        #expect(try send(ServerFixture.owner, [("Origin", "https://evil.example")]) == 403)
        #expect(try send(ServerFixture.outsider, [("Sec-Fetch-Site", "same-origin")]) == 403)
        #expect(try server.queue().statistics().waiting == 1)
    }

    @Test func aRequestWhosePayloadIsGoneIs404() throws {
        let server = try ServerFixture()

        let response = try server.client().send(
            "POST", target, headers: [("Authorization", "Bearer \(ServerFixture.writerToken)")])

        #expect(response.status == 404)
        #expect(
            response.json?["detail"].string
                == "No payload is stored for this request. Payloads are stored for 3 days.")
    }
}
