import Delivery
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

    func send(
        _ url: String, headers: [(name: String, value: String)] = [], body: String = "{}", app: Int64 = 1,
        timeout: Duration? = nil
    ) async throws -> SendResult {
        let request = OutgoingRequest(
            url: url, headers: headers, body: Array(body.utf8), appID: app, timeout: timeout)
        return try await withCheckedThrowingContinuation { continuation in
            do {
                try sender.submit(request) { continuation.resume(returning: $0) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
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
