import Buffer
import Foundation
import Queue
import TestSupport
import Testing

/// Sending a request again through the shipped nginx, as a signed-in user and with a token.
@Suite(.serialized)
struct RedeliveryTests {
    private let target = "/api/0/sentry-apps/sample-app/requests/\(Site.kept)/redeliver/"

    @Test func aUserOfThePageItselfSendsARequestAgain() throws {
        let site = try Site()
        try site.keepPayload()

        let answer = try site.client().send(
            "POST", target, basic: "\(Site.owner):\(Site.password)",
            headers: [("Origin", "https://127.0.0.1:\(site.port)")])

        #expect(answer.status == 202, "\(answer.text)")
        #expect(answer.json?["originalId"].string == Site.kept)
        let entry = try #require(try site.queue().receive(consumer: "test", count: 1).first?.entry)
        #expect(entry.id == answer.json?["id"].string && entry.id != Site.kept)
        #expect(entry.originalID == Site.kept)
        #expect(QueuedEvent(bytes: entry.payload)?.originalID == Site.kept)
    }

    @Test func aTokenSendsARequestAgainAndAForeignPageOrAStrangerDoesNot() throws {
        let site = try Site()
        try site.keepPayload()
        let send = { (login: String?, headers: [(name: String, value: String)]) in
            try site.client().send(
                "POST", target, basic: login.map { "\($0):\(Site.password)" }, headers: headers
            ).status
        }

        #expect(try send(nil, [("Authorization", "Bearer \(Site.writerToken)")]) == 202)
        #expect(try send(nil, [("Authorization", "Bearer \(Site.token)")]) == 403)
        #expect(try send(nil, []) == 401)
        #expect(try send(Site.owner, [("Origin", "https://evil.example")]) == 403)
        #expect(try send(Site.outsider, [("Sec-Fetch-Site", "same-origin")]) == 403)
        #expect(try site.queue().statistics().waiting == 1)
    }

    @Test func aRequestWhosePayloadIsGoneIs404() throws {
        let site = try Site()

        let answer = try site.client().send(
            "POST", target, headers: [("Authorization", "Bearer \(Site.writerToken)")])

        #expect(answer.status == 404)
        #expect(
            answer.json?["detail"].string
                == "No payload is kept of this request. Payloads are kept for 3 days.")
    }
}
