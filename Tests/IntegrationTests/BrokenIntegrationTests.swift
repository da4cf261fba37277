import Foundation
import Model
import TestSupport
import Testing

/// What becomes of internal apps that stay broken (contract 10.6, the cases of the 24.x releases), with the shipped
/// programs and a real mail server.
@Suite struct BrokenIntegrationTests {
    typealias App = DeliveryFixture.App

    private let ours = App(id: 1, status: "internal", path: "/hang")

    private func disabledMails(_ stage: DeliveryFixture) throws -> [SMTPServer.Mail] {
        try stage.mailServer.mails().filter { $0.header("Subject")?.hasPrefix("Action required") == true }
    }

    @Test func timeOutsUpToTheLimitDisableTheAppMailEachOwnerOnceWriteOneAuditEntryAndCanBeUndone() throws {
        let stage = try DeliveryFixture([ours], settings: ["HOOKLINE_DISABLE_TIMEOUTS": "3"])

        for _ in 0..<3 { _ = try stage.send(ours, "issue.created") }
        try waitUntil("both owners have a mail", seconds: 30) { try disabledMails(stage).count == 2 }
        try stage.settle()
        let disabled = try stage.app(ours)
        let audit = try stage.export()["audit_entries"].elements
        let before = stage.receiver.received.count
        _ = try stage.send(ours, "issue.created")
        try stage.settle()

        #expect(disabled["events"].elements.isEmpty)
        #expect(disabled["disabled"]["events"].elements.compactMap(\.string) == ["issue", "error", "comment"])
        #expect(try stage.redis.command("KEYS", "sentry-app-error:*") == "*0\r\n")
        #expect(audit.count == 1 && audit[0]["event"].integer == 131 && audit[0]["actor_label"].string == "Sentry")
        #expect(audit[0]["data"]["name"].string == "my app 1" && audit[0]["target_object"].integer == 1)
        #expect(stage.receiver.received.count == before)

        let mails = try disabledMails(stage)
        #expect(Set(mails.flatMap(\.recipients)) == ["ada@one.test", "eve@one.test"])
        let mail = try #require(mails.first)
        #expect(mail.header("Subject") == "Action required: Fix your My App 1 integration")
        let page = "https://sentry.test/settings/one/developer-settings/app-1/"
        for part in mail.parts {
            #expect(part.text.contains(page + "?referrer=disabled-sentry-app"))
            #expect(part.text.contains(page + "dashboard/?referrer=disabled-sentry-app"))
            #expect(part.text.contains(stage.receiver.url(ours.path)))
        }

        let (status, _, error) = try ChildProcess.run([
            BuiltProducts.path("hookline"), "app", "enable", ours.slug, "--directory", stage.directoryURL, "--redis",
            stage.redis.url,
        ])
        #expect(status == .exited(0), "\(error)")
        #expect(try stage.app(ours)["events"].elements.compactMap(\.string) == ["issue", "error", "comment"])
    }

    @Test func anErrorOnEachOfSevenDaysDisablesOneSuccessOnAnyOfThemDoesNot() throws {
        let refusing = App(id: 1, status: "internal", path: "/status/400")
        let recovering = App(id: 2, status: "internal", path: "/status/400")
        let stage = try DeliveryFixture([refusing, recovering]) { redis in
            for age in 1...6 {
                let date = Timestamp.now().adding(seconds: -86400 * Int64(age)).pythonDescription.prefix(10)
                for app in [1, 2] {
                    try redis.command("HINCRBY", "sentry-app-error:\(app):1:\(date)", "error_count", "1")
                }
                if age == 3 { try redis.command("HINCRBY", "sentry-app-error:2:1:\(date)", "success_count", "1") }
            }
        }

        _ = try stage.send(refusing, "issue.created")
        _ = try stage.send(recovering, "issue.created")
        try waitUntil("both owners have a mail", seconds: 30) { try disabledMails(stage).count == 2 }
        try stage.settle()

        #expect(try stage.app(refusing)["events"].elements.isEmpty)
        #expect(try stage.app(recovering)["events"].elements.count == 3)
        #expect(try stage.redis.command("KEYS", "sentry-app-error:1:*") == "*0\r\n")
        #expect(try stage.export()["audit_entries"].elements.map { $0["event"].integer } == [131])
        #expect(try disabledMails(stage).count == 2)
    }

    @Test func warningsComeOnTheWayAndAnAppThatAnswers410IsDisabledAtOncePublishedOrNot() throws {
        let gone = App(id: 2, path: "/status/410", organizations: [2])
        let stage = try DeliveryFixture(
            [ours, gone], settings: ["HOOKLINE_DISABLE_TIMEOUTS": "4", "HOOKLINE_DISABLE_WARNINGS": "50"])

        for _ in 0..<2 { _ = try stage.send(ours, "issue.created") }
        _ = try stage.send(gone, "issue.created", organization: 2)
        try waitUntil("two owners are warned, one is told", seconds: 30) { try stage.mailServer.mails().count == 3 }
        try stage.settle()

        #expect(try stage.app(ours)["events"].elements.count == 3)
        #expect(try stage.app(gone)["events"].elements.isEmpty)
        #expect(try disabledMails(stage).map(\.recipients) == [["bob@two.test"]])
        #expect(stage.receiver.received(gone.path).count == 1)
    }
}
