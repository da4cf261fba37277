import Foundation
import Model
import TestSupport
import Testing

/// Silent apps with the shipped worker, Redis, directory and a mail server.
@Suite(.serialized) struct SilenceTests {
    private static let round = "hookline:{silence}:round"
    private static let attempts = "hookline:{silence}:attempts"

    private let app = DeliveryFixture.App(id: 1)

    /// A row as Sentry writes it, some days old.
    private func store(daysAgo days: Int64, in redis: RedisServer) throws {
        let date = Timestamp.now().adding(seconds: -days * 86_400).pythonDescription
        try redis.push(
            [#"{"date":"\#(date)","response_code":200,"webhook_url":"https://one.test/","organization_id":1}"#],
            to: "sentry-app-webhook-request:{1}:issue.created")
    }

    /// Lets the worker look at all apps again, and waits until it has done so.
    private func lookAgain(_ fixture: DeliveryFixture) throws {
        try fixture.redis.command("DEL", "hookline:{silence}:counts")
        try fixture.redis.command("HSET", Self.round, "due", "0")
        try waitUntil("a round is over", seconds: 30) {
            try fixture.redis.integer("EXISTS", "hookline:{silence}:counts") == 1
        }
    }

    private func waitForMails(_ count: Int, in fixture: DeliveryFixture) throws {
        try waitUntil("\(count) mails", seconds: 30) { try fixture.mailServer.mails().count >= count }
    }

    @Test func theOwnersGetOneMailForASilenceAlsoAfterARestartAndAnotherForTheNextOne() throws {
        let fixture = try DeliveryFixture([app], settings: ["HOOKLINE_SILENCE_MAIL": "on"]) { redis in
            try store(daysAgo: 9, in: redis)
        }
        try waitForMails(2, in: fixture)
        try fixture.stopWorker()
        let worker = try fixture.startWorker()
        try lookAgain(fixture)

        let mails = try fixture.mailServer.mails()
        #expect(mails.flatMap(\.recipients).sorted() == ["ada@one.test", "eve@one.test"])
        let mail = try #require(mails.first)
        #expect(mail.header("Subject") == "Nothing is sent to your My App 1 app")
        #expect(mail.defects == [])
        let day = Timestamp.now().adding(seconds: -9 * 86_400).iso8601Description.prefix(10)
        for part in mail.parts {
            #expect(part.text.contains("since") && part.text.contains(day))
            #expect(part.text.contains("Hookline has accepted no event for the app since"))
            #expect(part.text.contains("https://sentry.test/settings/"))
        }

        // An attempt ends the silence. The next one begins when that has become old and its row has expired.
        try fixture.redis.command("DEL", "sentry-app-webhook-request:{1}:issue.created")
        let id = try fixture.send(app, "issue.created")
        _ = try fixture.requests(id)
        let yesterday = String(Timestamp.now().seconds - 86_400)
        try waitUntil("the attempt is noted") {
            try fixture.redis.integer("ZCOUNT", Self.attempts, yesterday, "+inf") == 1
        }
        try lookAgain(fixture)
        #expect(try fixture.mailServer.mails().count == 2)
        try fixture.redis.command("DEL", "sentry-app-webhook-request:{1}:issue.created")
        try fixture.redis.command("ZADD", Self.attempts, String(Timestamp.now().seconds - 8 * 86_400), "1")
        try lookAgain(fixture)

        try waitForMails(4, in: fixture)
        worker.send(signal: SIGTERM)
        #expect(try worker.waitForExit() == .exited(0))
        #expect(try fixture.mailServer.mails().count == 4)
    }
}
