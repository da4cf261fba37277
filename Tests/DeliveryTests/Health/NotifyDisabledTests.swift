import Buffer
import Delivery
import Foundation
import Model
import Redis
import TestSupport
import Testing

/// Owners are mailed when their integration is disabled.
@Suite
struct NotifyDisabledTests {
    /// The original's `notify_disabled_email`, with a mail server that is down at first: the disabling does not wait.
    @Test func aMailServerThatIsDownDelaysTheMailAlone() throws {
        let world = try HealthWorld()
        let port = try freePort()
        let endpoint = try RedisEndpoint(parsing: world.server.url)
        let templates = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../conf/templates")
        let worker = MailWorker(
            settings: MailWorkerSettings(
                consumer: "one", retryDelays: Array(repeating: .milliseconds(20), count: 10_000),
                wait: .milliseconds(20), pauses: .milliseconds(10) ... .milliseconds(50)),
            makeConnection: { RedisConnection(endpoint: endpoint, commandTimeout: .seconds(10)) },
            mails: try AutoDisableMails(templatesDirectory: templates.standardized.path),
            smtp: try SMTPSettings(host: "127.0.0.1", port: port, encryption: .off),
            from: try MailAddress("hookline@example.org"), log: world.log.logger)
        try worker.start()

        try world.monitor().observe(world.timeouts(3), now: world.noon)
        let isDisabled = try world.events() == [] && world.directory.pendingNotices(limit: 1).isEmpty
        try waitUntil("the worker sees that the server is down") {
            !world.log.lines("the mail server takes no mail").isEmpty
        }
        let server = try SMTPServer(port: port)
        try waitUntil("both mails are there", seconds: 30) { try server.mails().count == 2 }
        worker.stop(within: .seconds(10))

        let mails = try server.mails()
        #expect(isDisabled)
        #expect(mails.map(\.recipients).sorted { $0[0] < $1[0] } == [["a@example.com"], ["b@example.com"]])
        #expect(Set(mails.compactMap { $0.header("Message-ID") }).count == 2)
        let page = "https://sentry.example.com/settings/acme/developer-settings/pager/"
        for mail in mails {
            #expect(mail.header("Subject") == "Action required: Fix your My Pager \"X\" integration")
            for part in mail.parts {
                #expect(part.text.contains(page + "?referrer=disabled-sentry-app"))
                #expect(part.text.contains(page + "dashboard/?referrer=disabled-sentry-app"))
                #expect(part.text.contains("https://hooks.example.com/in"))
                #expect(part.text.contains("timed out or could not be reached 3 times on one day"))
            }
        }
    }
}
