import Foundation
import Model
import TestSupport
import Testing

/// Automatic disabling of internal apps (docs/protocol.md 10.6, the cases of the 24.x releases) with the shipped programs
/// and a real mail server.
@Suite struct AutoDisableTests {
    typealias App = DeliveryFixture.App

    private let ours = App(id: 1, status: "internal", path: "/hang")

    private func disabledMails(_ fixture: DeliveryFixture) throws -> [SMTPServer.Mail] {
        try fixture.mailServer.mails().filter { $0.header("Subject")?.hasPrefix("Action required") == true }
    }

    @Test func timeoutsUpToTheLimitDisableTheAppMailEachOwnerOnceAndWriteOneAuditEntry() throws {
        let fixture = try DeliveryFixture([ours], settings: ["HOOKLINE_DISABLE_TIMEOUTS": "3"])

        for _ in 0..<3 { _ = try fixture.send(ours, "issue.created") }
        try waitUntil("both owners have a mail", seconds: 30) { try disabledMails(fixture).count == 2 }
        try fixture.settle()
        let disabled = try fixture.app(ours)
        let audit = try fixture.export()["audit_entries"].elements
        let before = fixture.receiver.received.count
        _ = try fixture.send(ours, "issue.created")
        try fixture.settle()

        #expect(disabled["events"].elements.isEmpty)
        #expect(disabled["disabled"]["events"].elements.compactMap(\.string) == ["issue", "error", "comment"])
        #expect(try fixture.redis.command("KEYS", "sentry-app-error:*") == "*0\r\n")
        #expect(audit.count == 1 && audit[0]["event"].integer == 131 && audit[0]["actor_label"].string == "Sentry")
        #expect(audit[0]["data"]["name"].string == "my app 1" && audit[0]["target_object"].integer == 1)
        #expect(fixture.receiver.received.count == before)

        let mails = try disabledMails(fixture)
        #expect(Set(mails.flatMap(\.recipients)) == ["ada@one.test", "eve@one.test"])
        let mail = try #require(mails.first)
        #expect(mail.header("Subject") == "Action required: Fix your My App 1 integration")
        let page = "https://sentry.test/settings/one/developer-settings/app-1/"
        for part in mail.parts {
            #expect(part.text.contains(page + "?referrer=disabled-sentry-app"))
            #expect(part.text.contains(page + "dashboard/?referrer=disabled-sentry-app"))
            #expect(part.text.contains(fixture.receiver.url(ours.path)))
        }

        let (status, _, error) = try ChildProcess.run([
            BuiltProducts.path("hookline"), "app", "enable", ours.slug, "--directory", fixture.directoryURL, "--redis",
            fixture.redis.url,
        ])
        #expect(status == .exited(0), "\(error)")
        #expect(try fixture.app(ours)["events"].elements.compactMap(\.string) == ["issue", "error", "comment"])
    }

    @Test func anErrorOnEachOfSevenDaysDisablesOneSuccessOnAnyOfThemDoesNot() throws {
        let refusing = App(id: 1, status: "internal", path: "/status/400")
        let recovering = App(id: 2, status: "internal", path: "/status/400")
        let fixture = try DeliveryFixture([refusing, recovering]) { redis in
            for age in 1...6 {
                let date = Timestamp.now().adding(seconds: -86400 * Int64(age)).pythonDescription.prefix(10)
                for app in [1, 2] {
                    try redis.command("HINCRBY", "sentry-app-error:\(app):1:\(date)", "error_count", "1")
                }
                if age == 3 { try redis.command("HINCRBY", "sentry-app-error:2:1:\(date)", "success_count", "1") }
            }
        }

        _ = try fixture.send(refusing, "issue.created")
        _ = try fixture.send(recovering, "issue.created")
        try waitUntil("both owners have a mail", seconds: 30) { try disabledMails(fixture).count == 2 }
        try fixture.settle()

        #expect(try fixture.app(refusing)["events"].elements.isEmpty)
        #expect(try fixture.app(recovering)["events"].elements.count == 3)
        #expect(try fixture.redis.command("KEYS", "sentry-app-error:1:*") == "*0\r\n")
        #expect(try fixture.export()["audit_entries"].elements.map { $0["event"].integer } == [131])
        #expect(try disabledMails(fixture).count == 2)
    }

    @Test func warningsAreMailedAndA410DisablesAnAppAtOnce() throws {
        let gone = App(id: 2, path: "/status/410", organizations: [2])
        let fixture = try DeliveryFixture(
            [ours, gone], settings: ["HOOKLINE_DISABLE_TIMEOUTS": "4", "HOOKLINE_DISABLE_WARNINGS": "50"])

        for _ in 0..<2 { _ = try fixture.send(ours, "issue.created") }
        _ = try fixture.send(gone, "issue.created", organization: 2)
        try waitUntil("mails for two warnings and one disabled app", seconds: 30) {
            try fixture.mailServer.mails().count == 3
        }
        try fixture.settle()

        #expect(try fixture.app(ours)["events"].elements.count == 3)
        #expect(try fixture.app(gone)["events"].elements.isEmpty)
        #expect(try disabledMails(fixture).map(\.recipients) == [["bob@two.test"]])
        #expect(fixture.receiver.received(gone.path).count == 1)
    }

    /// Also if the worker that got the 410 dies before.
    @Test(arguments: [false, true])
    func aDirectoryThatIsBeingWrittenDelaysOnlyTheDisabling(_ isWorkerReplaced: Bool) throws {
        let (gone, other) = (App(id: 2, path: "/status/410", organizations: [2]), App(id: 3))
        let fixture = try DeliveryFixture([gone, other])
        let writer = try DirectoryLock(fixture)

        _ = try fixture.send(gone, "issue.created", organization: 2)
        try waitUntil("it is noted") { try fixture.redis.command("EXISTS", "hookline:apps-to-disable") == ":1\r\n" }
        try fixture.settle(seconds: 5)
        if isWorkerReplaced { try fixture.replaceWorker() }
        try waitUntil("the worker has tried to disable it") {
            fixture.workerLog.contains("an app could not be disabled; it will be retried")
        }
        for _ in 0..<20 { _ = try fixture.send(other, "issue.created") }
        _ = try fixture.send(gone, "issue.created", organization: 2)
        try fixture.settle(seconds: 5)
        let rows = try fixture.rows(other, "issue.created", count: 20)
        let isEnabled = try fixture.app(gone)["events"].elements.count == 3
        writer.release()
        try waitUntil("the owner has a mail", seconds: 30) { try !disabledMails(fixture).isEmpty }
        try waitUntil("nothing is left to do") {
            try fixture.redis.command("EXISTS", "hookline:apps-to-disable") == ":0\r\n"
        }

        #expect(isEnabled)
        #expect(rows.count == 20 && rows.allSatisfy { $0["response_code"].integer == 200 })
        #expect(fixture.receiver.received(gone.path).count == 1, "the second event is not sent")
        #expect(try fixture.hookline(["queue", "list"]).output.contains("app disabled"))
        #expect(try fixture.app(gone)["events"].elements.isEmpty)
        #expect(try fixture.export()["audit_entries"].elements.map { $0["event"].integer } == [131])
        #expect(try disabledMails(fixture).map(\.recipients) == [["bob@two.test"]])
    }
}

/// Another program that holds the write lock of a fixture's directory.
private final class DirectoryLock {
    private let process: ChildProcess

    init(_ fixture: DeliveryFixture) throws {
        let script = """
            import signal, sqlite3, sys
            connection = sqlite3.connect(sys.argv[1], isolation_level=None)
            connection.execute("BEGIN IMMEDIATE")
            print("locked", flush=True)
            signal.pause()
            """
        let path = fixture.folder.file("directory.sqlite")
        let process = try ChildProcess(["python3", "-c", script, path])
        self.process = process
        try waitUntil("the directory is locked") { process.standardOutput.contains("locked") }
    }

    func release() { process.send(signal: SIGKILL) }
}
