import Delivery
import Dispatch
import Model
import System
import TestSupport

/// A sender and a way to wait for its results.
final class SenderBench: Sendable {
    let sender: WebhookSender

    /// - Parameter change: of settings that allow loopback and give up after `timeout`.
    init(timeout: Duration = .seconds(20), _ change: (inout SenderSettings) throws -> Void = { _ in }) throws {
        var settings = SenderSettings()
        settings.addresses = try AddressPolicy(parsing: "127.0.0.0/8 ::1")
        settings.timeout = timeout
        try change(&settings)
        sender = try WebhookSender(settings: settings)
    }

    /// Sends one request and waits for its end, blocking: a test that awaits would share its threads with tests that block
    /// them, and its time would run out in the queue.
    func send(
        _ url: String, headers: [(name: String, value: String)] = [], body: String = "{}", app: Int64 = 1,
        timeout: Duration? = nil
    ) throws -> SendResult {
        let request = OutgoingRequest(
            url: url, headers: headers, body: Array(body.utf8), appID: app, timeout: timeout)
        let ended = DispatchSemaphore(value: 0)
        let result = Lock<SendResult?>(nil)
        try sender.submit(request) { end in
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
        guard case .answered(let response) = outcome else { return nil }
        return response
    }

    var detail: String? {
        guard case .failed(_, let detail) = outcome else { return nil }
        return detail
    }
}
