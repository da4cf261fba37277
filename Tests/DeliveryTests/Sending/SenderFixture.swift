import Delivery
import Dispatch
import Model
import System
import TestSupport
import WebhookRules

/// A sender and a way to wait for its results.
final class SenderFixture: Sendable {
    let sender: WebhookSender
    private let timeout: Duration

    /// - Parameter change: of settings that allow loopback.
    init(timeout: Duration = .seconds(20), _ change: (inout SenderSettings) throws -> Void = { _ in }) throws {
        var settings = SenderSettings()
        settings.addresses = try AddressPolicy(parsing: "127.0.0.0/8 ::1")
        self.timeout = timeout
        try change(&settings)
        sender = try WebhookSender(settings: settings)
    }

    /// A webhook with the fixture's timeout and what else the sender uses.
    func webhook(
        _ url: String, headers: [(name: String, value: String)] = [], body: String = "", app: Int64 = 1,
        timeout: Duration? = nil
    ) -> PlannedWebhook {
        let sentryApp = SentryApp(id: app, slug: "app-\(app)", name: "App", ownerID: 1, status: .published, uuid: "a")
        let installation = Installation(
            id: app, appID: app, organizationID: 1, uuid: "i", dateAdded: Timestamp(seconds: 0))
        return PlannedWebhook(
            app: sentryApp, installation: installation, event: "issue.created", url: url, headers: headers,
            loggedHeaders: headers, body: Array(body.utf8), timeout: timeout ?? self.timeout)
    }

    /// Sends one request and waits for its end, blocking: a test that awaits would share its threads with tests that
    /// block them, and its time would run out in the queue.
    func send(
        _ url: String, headers: [(name: String, value: String)] = [], body: String = "{}", app: Int64 = 1,
        timeout: Duration? = nil
    ) throws -> SendResult {
        let ended = DispatchSemaphore(value: 0)
        let result = Lock<SendResult?>(nil)
        try sender.submit(webhook(url, headers: headers, body: body, app: app, timeout: timeout)) { end in
            result.withLock { $0 = end }
            ended.signal()
        }
        guard ended.wait(timeout: .now() + 120) == .success, let end = result.withLock({ $0 }) else {
            throw TestSupportError("\(url) did not end")
        }
        return end
    }
}

extension SendResult {
    var response: ReceivedResponse? {
        guard case .response(let response) = outcome else { return nil }
        return response
    }

    var detail: String? {
        guard case .failed(_, let detail) = outcome else { return nil }
        return detail
    }
}
