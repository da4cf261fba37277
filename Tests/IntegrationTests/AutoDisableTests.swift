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
}
