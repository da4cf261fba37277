import Foundation
import TestSupport
import Testing

@testable import CLI

@Suite struct LogCommandTests {
    private let runner: CommandRunner
    private let redis: RedisServer

    init() throws {
        redis = try RedisServer()
        runner = try CommandRunner(redis: redis)
        try runner.importDocument(smallDocument)
    }

    private func objects(_ lines: String) throws -> [[String: Any]] {
        try lines.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    @Test func aRecordedRequestIsStoredAsEveryWriterStoresIt() throws {
        let outcome = try runner.hookline(
            "log", "add", "radar", "--event", "issue.created", "--code", "502", "--date",
            "2023-07-20T12:00:00.123456Z", "--header", "Content-Type: application/json", "--header", "X-A:b:c",
            "--response-body", "Bad", "--request-body", "{}", "--error-id", "e", "--project-id", "7", "--request-id",
            "r", "--attempt", "2", "--duration-ms", "15")

        #expect(outcome.status == 0, "\(outcome.error)")
        let expected =
            #"{"date":"2023-07-20 12:00:00.123456+00:00","response_code":502,"webhook_url":"https://example.com/hook","#
            + #""request_headers":{"Content-Type":"application/json","X-A":"b:c"},"response_body":"Bad","#
            + #""request_body":"\"{}\"","organization_id":1,"error_id":"e","project_id":"7","request_id":"r","#
            + #""attempt":2,"duration_ms":15}"#
        for kind in ["request", "error"] {
            let reply = try redis.command("LRANGE", "sentry-app-webhook-\(kind):{1}:issue.created", "0", "-1")
            #expect(reply == "*1\r\n$\(expected.utf8.count)\r\n\(expected)\r\n")
        }
    }

    @Test func aRecordedRequestHasTheFormOfTheRelease() throws {
        let outcome = try runner.hookline(
            "log", "add", "radar", "--event", "issue.created", "--code=-1", "--date", "2026-09-20T12:00:00.123456Z",
            "--header", "X-A: b", "--request-id", "r", "--attempt", "2", environment: ["HOOKLINE_PROTOCOL": "26.9"])

        #expect(outcome.status == 0, "\(outcome.error)")
        let expected =
            #"{"date":"2026-09-20 12:00:00.123456+00:00","response_code":-1,"webhook_url":"https://example.com/hook","#
            + #""request_id":"r","request_headers":{"X-A":"b"},"organization_id":1,"attempt":2}"#
        let reply = try redis.command("LRANGE", "sentry-app-webhook-error:{1}:issue.created", "0", "-1")
        #expect(reply == "*1\r\n$\(expected.utf8.count)\r\n\(expected)\r\n")
    }

    @Test func anInternalAppsRequestsBelongToNoOrganization() throws {
        try runner.hookline(
            "log", "add", "inside", "--event", "issue.created", "--code", "200", "--url", "https://example.com/in")

        #expect(
            try !redis.command("LRANGE", "sentry-app-webhook-request:{2}:issue.created", "0", "-1")
                .contains("organization_id"))
    }

    @Test func theLogIsShownNewestFirstAsATableAndAsJSON() throws {
        try runner.hookline(
            "log", "add", "radar", "--event", "issue.created", "--code", "200", "--date", "2023-07-20T12:00:00Z",
            "--request-id", "abc", "--attempt", "2", "--duration-ms", "31")
        try runner.hookline(
            "log", "add", "radar", "--event", "issue.assigned", "--code", "0", "--reason", "timeout", "--date",
            "2023-07-21T12:00:00.5Z")

        let table = try runner.hookline("log", "show", "radar").output
        let all = try objects(runner.hookline("log", "show", "radar", "--json").output)
        let errors = try objects(runner.hookline("log", "show", "radar", "--errors-only", "--json").output)
        let one = try objects(runner.hookline("log", "show", "radar", "--event", "issue.created", "--json").output)
        let limited = try objects(runner.hookline("log", "show", "radar", "--limit", "1", "--json").output)

        #expect(
            table == """
                TIME                  CODE         EVENT           URL                       ATTEMPT  MS  ID
                2023-07-21T12:00:00Z  0 (timeout)  issue.assigned  https://example.com/hook  -        -   -
                2023-07-20T12:00:00Z  200          issue.created   https://example.com/hook  2        31  abc

                """)
        #expect(all.compactMap { $0["event_type"] as? String } == ["issue.assigned", "issue.created"])
        #expect(all[0]["date"] as? String == "2023-07-21 12:00:00.500000+00:00")
        #expect(errors.count == 1 && errors[0]["reason"] as? String == "timeout")
        #expect(one.count == 1 && one[0]["response_code"] as? Int == 200)
        #expect(limited.count == 1 && limited[0]["response_code"] as? Int == 0)
    }

    @Test func invalidEntriesAreCountedNotShown() throws {
        try runner.hookline("log", "add", "radar", "--event", "issue.created", "--code", "200")
        try redis.command("LPUSH", "sentry-app-webhook-request:{1}:issue.created", "no json", "{\"date\":1}")

        let outcome = try runner.hookline("log", "show", "radar")

        #expect(outcome.status == 0)
        #expect(outcome.output.split(separator: "\n").count == 2)
        #expect(outcome.error == "hookline: skipped 2 invalid entries\n")
    }

    @Test func theCatalogueOfEventsIsASetting() throws {
        let event = ["log", "add", "radar", "--event", "seer.pr_created", "--code", "200"]

        let old = try runner.hookline("log", "add", "radar", "--event", "seer.pr_created", "--code", "200")
        let new = try ChildProcess.run(
            [try BuiltProducts.path("hookline")] + event,
            environment: [
                "HOOKLINE_DIRECTORY": "sqlite:\(runner.path)", "HOOKLINE_REDIS": redis.url, "HOOKLINE_EVENTS": "26",
            ])

        #expect(old.status == 65)
        #expect(old.error.hasPrefix("hookline: unknown event seer.pr_created; HOOKLINE_EVENTS allows: issue.created"))
        #expect(new.status == .exited(0))
    }

    @Test func errorsHaveTheirExitStatusAndMessage() throws {
        let other = try CommandRunner()
        try other.importDocument(smallDocument)

        let unknownApp = try runner.hookline("log", "show", "nope")
        let unknownEvent = try runner.hookline("log", "show", "radar", "--event", "x.y")
        let noRedis = try other.hookline("log", "show", "radar")
        let badRedis = try runner.hookline("log", "show", "radar", "--redis", "http://x")
        let badEvents = try runner.hookline("log", "show", "radar", "--events", "X")
        let badCode = try runner.hookline("log", "add", "radar", "--event", "issue.created", "--code", "7")
        let badHeader = try runner.hookline(
            "log", "add", "radar", "--event", "issue.created", "--code", "0", "--header", "none")
        let noURL = try runner.hookline("log", "add", "inside", "--event", "issue.created", "--code", "0")
        let half = try runner.hookline(
            "log", "add", "radar", "--event", "issue.created", "--code", "0", "--error-id", "x")
        let noOrganization = try runner.hookline(
            "log", "add", "radar", "--event", "issue.created", "--code", "0", "--organization", "x")
        let badDate = try runner.hookline(
            "log", "add", "radar", "--event", "issue.created", "--code", "0", "--date", "x")

        #expect(unknownApp.error == "hookline: no such app: nope\n")
        #expect(
            [unknownApp, unknownEvent, badHeader, noURL, noOrganization, badDate].map(\.status)
                == [65, 65, 65, 65, 65, 65])
        #expect(noRedis.status == 69)
        #expect(noRedis.error.contains("cannot reach Redis at unix:"))
        #expect([badRedis, badEvents].map(\.status) == [78, 78])
        #expect([badCode, half].map(\.status) == [64, 64])
        #expect(noURL.error.contains("--url"))
    }

    @Test func theAddressOfRedisMayStandInAFileButAPasswordNotInAnOption() throws {
        let other = try CommandRunner()
        try other.importDocument(smallDocument)
        let file = try other.folder.write("\(redis.url)\n", to: "redis-address")

        let fromFile = try other.hookline(
            "log", "show", "radar", environment: ["HOOKLINE_REDIS": "", "HOOKLINE_REDIS_FILE": file])
        let both = try other.hookline("log", "show", "radar", environment: ["HOOKLINE_REDIS_FILE": file])
        let noFile = try other.hookline(
            "log", "show", "radar", environment: ["HOOKLINE_REDIS": "", "HOOKLINE_REDIS_FILE": "/no/such/file"])
        let password = try other.hookline("log", "show", "radar", "--redis", "redis://:hush@127.0.0.1:1/0")

        #expect(fromFile.status == 0, "\(fromFile.error)")
        #expect(both.error == "hookline: HOOKLINE_REDIS and HOOKLINE_REDIS_FILE are both set: keep one\n")
        #expect(noFile.error.hasPrefix("hookline: HOOKLINE_REDIS_FILE: cannot read /no/such/file"))
        #expect(password.error.hasPrefix("hookline: --redis holds a password"))
        #expect(!password.error.contains("hush"))
        #expect([both, noFile, password].map(\.status) == [78, 78, 78])
    }
}
