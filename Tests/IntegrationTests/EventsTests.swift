import Buffer
import Foundation
import Model
import Queue
import TestSupport
import Testing

/// Enqueueing events through the shipped nginx: an event with the response 202 is in Redis.
@Suite(.serialized)
struct EventsTests {
    @Test(arguments: [ServerFixture.SignIn.password, .singleSignOn])
    func aTokensEventIsInTheQueueWhicheverWayUsersSignIn(_ signIn: ServerFixture.SignIn) throws {
        let server = try ServerFixture(signIn: signIn)

        let response = try server.enqueue()

        #expect(response.status == 202, "\(response.text)")
        let delivery = try #require(try server.queue().receive(consumer: "test", count: 1).first)
        #expect(response.json?["id"].string == delivery.entry.id)
        #expect(delivery.entry.appID == 1 && delivery.entry.event == "issue.created")
        #expect(
            String(decoding: delivery.entry.payload, as: UTF8.self)
                == #"{"event":"issue.created","installation":"\#(ServerFixture.installation)","project_id":5,"#
                + #""data":{"issue":{"id":"1","title":"\u00dcml\u00e4ut"}}}"#)
    }

    @Test func aRepetitionWithTheSameKeyIsQueuedOnce() throws {
        let server = try ServerFixture()
        let key = [("Idempotency-Key", "deploy 4711")]

        let first = try server.enqueue(headers: key)
        let again = try server.enqueue(headers: key)
        let foreign = try server.enqueue(
            #"{"event":"issue.created","data":{}}"#, installation: ServerFixture.foreignInstallation, headers: key)

        #expect([first, again, foreign].map(\.status) == [202, 202, 202])
        #expect(first.text == again.text)
        #expect(first.text != foreign.text)
        #expect(try server.queue().statistics().waiting == 2)
    }

    @Test func onlyTokensWithTheRightScopesMayQueue() throws {
        let server = try ServerFixture()
        let target = "/api/0/sentry-app-installations/\(ServerFixture.installation)/events/"
        let byPassword = try server.client().send(
            "POST", target, basic: "\(ServerFixture.owner):\(ServerFixture.password)",
            headers: [("Content-Type", "application/json"), ("Sec-Fetch-Site", "same-origin")],
            body: Array(ServerFixture.event.utf8))

        #expect(byPassword.status == 403)
        #expect(byPassword.json?["detail"].string?.contains("Authorization: Bearer") == true)
        #expect(try server.enqueue(token: nil).status == 401)
        #expect(try server.enqueue(token: "wrong").status == 401)
        #expect(try server.enqueue(token: ServerFixture.token).status == 403)
        #expect(
            try server.enqueue(token: ServerFixture.writerToken, installation: ServerFixture.foreignInstallation).status
                == 404)
        #expect(try server.enqueue(token: ServerFixture.writerToken, installation: "nope").status == 404)
        #expect(try server.enqueue(token: ServerFixture.writerToken).status == 202)
        #expect(try server.queue().statistics().waiting == 1)
    }

    @Test func aBodyIsTakenUpToTheLimitAndRefusedInJSONAbove() throws {
        let server = try ServerFixture()
        let limit = 256 << 10
        let body = { (count: Int) in
            let frame = #"{"event":"issue.created","data":{"a":""}}"#
            return frame.replacingOccurrences(
                of: #""""#,
                with: "\"\(String(repeating: "é", count: (count - frame.utf8.count) / 2))"
                    + String(repeating: "x", count: (count - frame.utf8.count) % 2) + "\"")
        }

        let atTheLimit = try server.enqueue(body(limit))
        let above = try server.enqueue(body(limit + 1))
        let farAbove = try server.enqueue(body((1 << 20) + 1))

        #expect([atTheLimit, above, farAbove].map(\.status) == [202, 413, 413])
        #expect(
            above.json?["detail"].string == "The request body has 262145 bytes: the limit is 262144 bytes.")
        #expect(farAbove.json?["detail"].string == "The request body is too large.")
        #expect(try server.queue().statistics().waiting == 1)
    }

    @Test func nginxKeepsTheLongestEventInMemory() throws {
        let server = try ServerFixture()
        let event = ServerFixture.event
        let longest = event + String(repeating: " ", count: (256 << 10) - event.utf8.count)

        let response = try server.enqueue(longest)
        let log = server.errorLog
        _ = try server.enqueue(longest + longest)

        #expect(response.status == 202)
        #expect(!log.contains("temporary file"), "\(log)")
        #expect(server.errorLog.contains("temporary file"), "longer requests show that the log would say it")
    }

    @Test func withoutRedisEnqueueingIs503() throws {
        let server = try ServerFixture()
        server.redis.process.send(signal: SIGKILL)
        _ = try server.redis.process.waitForExit()

        let response = try server.enqueue()

        #expect(response.status == 503)
        #expect(response.header("Retry-After") == "5")
        #expect(response.json?["detail"].string?.hasPrefix("The event queue ") == true)
    }

    @Test func withoutAResponderItIs503InJSON() throws {
        let server = try ServerFixture()
        server.responders[0].send(signal: SIGKILL)
        _ = try server.responders[0].waitForExit()

        let response = try server.enqueue()

        #expect(response.status == 503)
        #expect(response.json?["detail"].string?.contains("not known whether the event is queued") == true)
    }
}

/// The examples of `docs/events-api.md`, run as they stand there.
@Suite(.serialized)
struct EventsDocumentTests {
    /// The indented blocks of the document that begin with `curl`, each with the block behind it.
    private func examples() throws -> [(command: String, response: String)] {
        let text = try String(contentsOfFile: ServerFixture.repositoryPath("docs/events-api.md"), encoding: .utf8)
        var blocks: [[Substring]] = [[]]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("    ") {
                blocks[blocks.count - 1].append(line.dropFirst(4))
            } else if blocks.last?.isEmpty == false {
                blocks.append([])
            }
        }
        let joined = blocks.map { $0.joined(separator: "\n") }
        return zip(joined, joined.dropFirst()).filter { $0.0.hasPrefix("curl ") }.map { ($0.0, $0.1) }
    }

    /// Gives the sample app what it takes to be sent events of the project.
    private func subscribe(_ server: ServerFixture) throws {
        try importDirectory(
            """
            {"apps": [{"id": 1, "slug": "sample-app", "name": "Sample", "owner_id": 1, "status": "published",
                       "webhook_url": "https://hook.example.test/in", "events": ["issue"]}],
             "service_hooks": [{"id": 1, "installation_id": 1, "organization_id": 1, "url": "x",
                                "events": ["issue.created"], "project_ids": [5]}]}
            """, in: server.directory)
    }

    @Test func eachExampleGetsItsDocumentedResponse() throws {
        let server = try ServerFixture()
        try server.keepPayload()
        try subscribe(server)
        let examples = try examples()
        #expect(examples.count == 5)

        for example in examples {
            let run = try ChildProcess.run([
                "env", "HOOKLINE=https://127.0.0.1:\(server.port)", "CURL_CA_BUNDLE=\(server.certificatePath)",
                "INSTALLATION=\(ServerFixture.installation)", "APP=sample-app", "REQUEST=\(ServerFixture.kept)",
                "TOKEN=\(ServerFixture.writerToken)", "bash", "-c", example.command,
            ])

            let response = try GoldenValue(parsing: Array(run.output.utf8))
            let expected = try GoldenValue(parsing: Array(example.response.utf8))
            #expect(run.status == .exited(0), "\(run.error)")
            #expect(response.members.map(\.key) == expected.members.map(\.key), "\(run.output)")
            #expect(response["id"].string?.utf8.count == expected["id"].string?.utf8.count)
            #expect(expected["id"].isNull || expected["id"].string?.utf8.count == 32)
            #expect(response["wouldBeDelivered"].isNull == expected["wouldBeDelivered"].isNull)
        }
        #expect(try server.queue().statistics().waiting == 3)
    }
}
