import Buffer
import Foundation
import Model
import Queue
import TestSupport
import Testing

/// Queueing events through the shipped nginx: what is answered 202 is in Redis.
@Suite(.serialized)
struct EventsTests {
    @Test(arguments: [ServerFixture.SignIn.password, .singleSignOn])
    func aTokensEventIsInTheQueueWhicheverWayUsersSignIn(_ signIn: ServerFixture.SignIn) throws {
        let site = try ServerFixture(signIn: signIn)

        let answer = try site.enqueue()

        #expect(answer.status == 202, "\(answer.text)")
        let delivery = try #require(try site.queue().receive(consumer: "test", count: 1).first)
        #expect(answer.json?["id"].string == delivery.entry.id)
        #expect(delivery.entry.appID == 1 && delivery.entry.event == "issue.created")
        #expect(
            String(decoding: delivery.entry.payload, as: UTF8.self)
                == #"{"event":"issue.created","installation":"\#(ServerFixture.installation)","project_id":5,"#
                + #""data":{"issue":{"id":"1","title":"\u00dcml\u00e4ut"}}}"#)
    }

    @Test func aRepetitionWithTheSameKeyIsQueuedOnce() throws {
        let site = try ServerFixture()
        let key = [("Idempotency-Key", "deploy 4711")]

        let first = try site.enqueue(headers: key)
        let again = try site.enqueue(headers: key)
        let foreign = try site.enqueue(
            #"{"event":"issue.created","data":{}}"#, installation: ServerFixture.foreignInstallation, headers: key)

        #expect([first, again, foreign].map(\.status) == [202, 202, 202])
        #expect(first.text == again.text)
        #expect(first.text != foreign.text)
        #expect(try site.queue().statistics().waiting == 2)
    }

    @Test func onlyTokensWithTheRightScopesMayQueue() throws {
        let site = try ServerFixture()
        let target = "/api/0/sentry-app-installations/\(ServerFixture.installation)/events/"
        let byPassword = try site.client().send(
            "POST", target, basic: "\(ServerFixture.owner):\(ServerFixture.password)",
            headers: [("Content-Type", "application/json"), ("Sec-Fetch-ServerFixture", "same-origin")],
            body: Array(ServerFixture.event.utf8))

        #expect(byPassword.status == 403)
        #expect(byPassword.json?["detail"].string?.contains("Authorization: Bearer") == true)
        #expect(try site.enqueue(token: nil).status == 401)
        #expect(try site.enqueue(token: "wrong").status == 401)
        #expect(try site.enqueue(token: ServerFixture.token).status == 403)
        #expect(
            try site.enqueue(token: ServerFixture.writerToken, installation: ServerFixture.foreignInstallation).status
                == 404)
        #expect(try site.enqueue(token: ServerFixture.writerToken, installation: "nope").status == 404)
        #expect(try site.enqueue(token: ServerFixture.writerToken).status == 202)
        #expect(try site.queue().statistics().waiting == 1)
    }

    @Test func aBodyIsTakenUpToTheLimitAndRefusedInJSONAbove() throws {
        let site = try ServerFixture()
        let limit = 256 << 10
        let body = { (count: Int) in
            let frame = #"{"event":"issue.created","data":{"a":""}}"#
            return frame.replacingOccurrences(
                of: #""""#,
                with: "\"\(String(repeating: "é", count: (count - frame.utf8.count) / 2))"
                    + String(repeating: "x", count: (count - frame.utf8.count) % 2) + "\"")
        }

        let atTheLimit = try site.enqueue(body(limit))
        let above = try site.enqueue(body(limit + 1))
        let farAbove = try site.enqueue(body((1 << 20) + 1))

        #expect([atTheLimit, above, farAbove].map(\.status) == [202, 413, 413])
        #expect(
            above.json?["detail"].string == "The request body has 262145 bytes: the limit is 262144 bytes.")
        #expect(farAbove.json?["detail"].string == "The request body is too large.")
        #expect(try site.queue().statistics().waiting == 1)
    }

    @Test func withoutRedisItIs503AndNothingIsSaidToBeQueued() throws {
        let site = try ServerFixture()
        site.redis.process.send(signal: SIGKILL)
        _ = try site.redis.process.waitForExit()

        let answer = try site.enqueue()

        #expect(answer.status == 503)
        #expect(answer.header("Retry-After") == "5")
        #expect(answer.json?["detail"].string?.hasPrefix("The event queue ") == true)
    }

    @Test func withoutAResponderItIs503InJSON() throws {
        let site = try ServerFixture()
        site.responders[0].send(signal: SIGKILL)
        _ = try site.responders[0].waitForExit()

        let answer = try site.enqueue()

        #expect(answer.status == 503)
        #expect(answer.json?["detail"].string == "Hookline is not available at the moment.")
    }
}
