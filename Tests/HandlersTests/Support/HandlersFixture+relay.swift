import Handlers
import Model
import TestSupport
import WebhookRules

/// The relay of `int-app`.
extension HandlersFixture {
    static let relayAppID: Int64 = 12
    static let webhookID = "12f6c0d43f78ba9cf808f54b8b180fb4"
    static let webhookBody = #"{"action":"created","data":{"issue":{"project":{"slug":"web"}}}}"#

    /// A fixture in which `int-app` relays to these targets.
    static func relaying(to targets: [RelayTarget] = [RelayTarget(name: "ci", url: "https://ci.test/in")]) -> Self {
        var fixture = HandlersFixture()
        fixture.directory.apps[2].relayTargets = RelayTargets(targets).stored
        return fixture
    }

    /// `POST /relay/{app}/`.
    ///
    /// - Parameter signature: nil = the right one; empty = none.
    func relay(
        _ body: String = webhookBody, app: String = "int-app", resource: String? = "issue", signature: String? = nil,
        secret: String = "hush", requestID: String? = webhookID, key: String? = nil, method: String = "POST",
        contentEncoding: String? = nil, bytes: [UInt8]? = nil
    ) -> Response {
        let body = bytes ?? Array(body.utf8)
        let signature = signature ?? OriginalSignature.of(body, secret: secret)
        return send(
            Request(
                method: method, path: .encoded("/relay/\(app)/"), body: body, contentType: "application/json",
                idempotencyKey: key, contentEncoding: contentEncoding,
                relay: signature.isEmpty
                    ? nil : RelayHeaders(resource: resource, signature: signature, requestID: requestID)))
    }
}
