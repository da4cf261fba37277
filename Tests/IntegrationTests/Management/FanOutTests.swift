import Foundation
import Model
import Queue
import Synchronization
import TestSupport
import Testing

/// One event for all apps of an organization, through the shipped nginx.
@Suite(.serialized)
struct FanOutTests {
    private static let path = "/api/0/organizations/acme/webhook-events/"

    private static func send(
        _ fixture: ManagementFixture, _ body: String, key: String? = nil
    ) throws -> HTTPClient.Response {
        var headers = [
            (name: "Authorization", value: "Bearer \(ManagementFixture.Caller.enqueueToken.token ?? "")"),
            ("Content-Type", "application/json"),
        ]
        if let key { headers.append(("Idempotency-Key", key)) }
        return try fixture.server.client().send("POST", path, headers: headers, body: Array(body.utf8))
    }

    @Test(arguments: ManagementStore.allCases)
    func eachSubscribedAppGetsTheEventAndTheOthersAReason(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)
        let other = try fixture.send(
            "POST", "sentry-apps/",
            #"{"organization":"acme","name":"Other","webhookUrl":"https://example.com/","events":["comment"]}"#)
        #expect(other.status == 201, "\(other.text)")
        for slug in ["public", "other"] {
            let installed = try fixture.send(
                "POST", "organizations/acme/sentry-app-installations/", #"{"slug":"\#(slug)"}"#)
            #expect(installed.status == 201, "\(installed.text)")
        }
        let event = #"{"event":"issue.created","data":{"issue":{"id":"1"}}}"#

        let sent = try Self.send(fixture, event, key: "deploy 4711")
        let again = try Self.send(fixture, event, key: "deploy 4711")

        #expect(sent.status == 202, "\(sent.text)")
        #expect(sent.json?["events"].elements.map { $0["app"].string } == ["draft", "public"])
        #expect(sent.json?["events"].elements.first?["installation"].string == ManagementFixture.installation)
        #expect(sent.json?["skipped"].elements.map { $0["app"].string } == ["other"])
        #expect(sent.json?["skipped"].elements.first?["reason"].string?.contains("subscri") == true, "\(sent.text)")
        #expect(again.text == sent.text)
        let queued = try fixture.server.queue().receive(consumer: "test", count: 10).map(\.entry)
        #expect(queued.map(\.id) == sent.json?["events"].elements.compactMap { $0["id"].string })
        #expect(queued.map(\.appID) == [2, 1])
        #expect(
            String(decoding: queued[0].payload, as: UTF8.self).contains(
                #""installation":"\#(ManagementFixture.installation)""#))
    }

    @Test func invalidEventsAreRefusedAsAtEvents() throws {
        let fixture = try ManagementFixture()

        let response = try Self.send(fixture, #"{"event":"issue.exploded","dta":{}}"#, key: "\u{7F}")

        #expect(response.status == 400)
        #expect(
            response.json?.members.map(\.key).sorted() == ["Idempotency-Key", "data", "dta", "event"],
            "\(response.text)")
    }

    /// Redis stops halfway: what was queued is not known, and the same request completes it with the same ids.
    @Test func aRequestThatRedisInterruptsIsCompletedByItsRepetition() throws {
        let count = 300
        let fixture = try ManagementFixture(flags: ["--redis-command-ms", "1000"])
        let apps = (0..<count).map { number in
            #"{"id":\#(100 + number),"slug":"app-\#(number)","owner_id":1,"webhook_url":"https://example.com/","#
                + #""events":["issue.created"]}"#
        }
        let installations = (0..<count).map {
            #"{"id":\#(100 + $0),"app_id":\#(100 + $0),"organization_id":1}"#
        }
        let hooks = (0..<count).map {
            #"{"id":\#(100 + $0),"installation_id":\#(100 + $0),"organization_id":1,"events":["issue.created"]}"#
        }
        let document = """
            {"apps":[\(apps.joined(separator: ","))],"installations":[\(installations.joined(separator: ","))],
             "service_hooks":[\(hooks.joined(separator: ","))]}
            """
        let imported = try fixture.send("POST", "hookline/directory/", document, as: .administratorToken)
        #expect(imported.status == 200, "\(imported.text.prefix(300))")
        let event = #"{"event":"issue.created","data":{}}"#
        let redis = fixture.server.redis

        // The first entry is in the queue: the next ones are not yet.
        let isQueued = Atomic(false)
        let watcher = Thread {
            while !isQueued.load(ordering: .relaxed) {
                guard let reply = try? redis.command("XLEN", "hookline:{queue:events:0}:stream"), reply != ":0\r\n"
                else { continue }
                redis.process.send(signal: SIGSTOP)
                isQueued.store(true, ordering: .relaxed)
            }
        }
        watcher.start()
        let interrupted = try Self.send(fixture, event, key: "halfway")
        isQueued.store(true, ordering: .relaxed)
        redis.process.send(signal: SIGCONT)

        #expect(interrupted.status == 503, "\(interrupted.text.prefix(300))")
        #expect(interrupted.json?["detail"].string?.contains("not known") == true, "\(interrupted.text)")
        #expect(interrupted.json?["detail"].string?.contains("Idempotency-Key") == true)
        var completed = interrupted
        try waitUntil("Redis is found again") {
            completed = try Self.send(fixture, event, key: "halfway")
            return completed.status == 202
        }
        let ids = completed.json?["events"].elements.compactMap { $0["id"].string } ?? []
        #expect(ids.count == count + 1 && Set(ids).count == ids.count)
        let queue = try fixture.server.queue()
        #expect(try queue.statistics().waiting == ids.count, "each app has the event once")
        var queued = Set<String>()
        while case let received = try queue.receive(consumer: "test", count: 1000), !received.isEmpty {
            queued.formUnion(received.map(\.entry.id))
        }
        #expect(queued == Set(ids))
    }
}
